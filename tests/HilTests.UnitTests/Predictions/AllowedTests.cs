using HilTests.Core.Predictions;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Predictions;

public sealed class AllowedTests
{
    private static IEnumerable<TestCaseData> Sets()
    {
        yield return new(Allowed.Exactly(3), "3", "0x3", "2 4 \"3\" [3]", true, "3");
        yield return new(Allowed.Exactly("EINVAL"), "EINVAL", null, "EFAULT \"EINVAL\" 0", true, "EINVAL");
        yield return new(Allowed.Exactly(Value.List([Value.Of(1)])), "[1]", null, "[] [1 1] [2] 1", true, "[1]");
        yield return new(Allowed.OneOf(Value.Of(1), Value.Symbol("a")), "1 a", null, "2 b [1]", false, "1 or a");
        yield return new(Allowed.OneOf(Value.Of(1), Value.Of(1)), "1", null, "2", true, "1");
        yield return new(Allowed.Between(2, 4), "2 3 4", null, "1 5 a \"3\"", false, "2 to 4");
        yield return new(Allowed.Between(4295215515, 4295215516), "4295215515 4295215516", null, "4295215514 4295215517", false, "4295215515 to 4295215516");
        yield return new(Allowed.Between(2, 2), "2", null, "1 3", true, "2");
        yield return new(Allowed.AtLeast(1), "1 2 9223372036854775807", null, "0 -1 a", false, "at least 1");
        yield return new(Allowed.Bits(0x5, 0x8), "5 7 0x15", null, "4 1 13 -1 a", false, "bits 0x5 set, 0x8 clear");
        yield return new(Allowed.Bits(0x5, ~0x5UL), "5", null, "4 7", true, null);
    }

    [TestCaseSource(nameof(Sets))]
    public void A_set_admits_its_members_only(Allowed set, string members, string? sameMember, string others, bool exact, string? text)
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var member in $"{members} {sameMember}".Trim().Split(' ')) Assert.That(set.Admits(ValueText.Parse(member)), Is.True, member);
            foreach (var other in Items(others)) Assert.That(set.Admits(other), Is.False, other.ToString());
            Assert.That(set.Admits(null), Is.False, "a missing field");
            Assert.That(set.IsExact, Is.EqualTo(exact));
            if (text is not null) Assert.That(set.ToString(), Is.EqualTo(text));
        }
    }

    [Test]
    public void Absent_admits_a_missing_field_only()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Allowed.Absent.Admits(null), Is.True);
            Assert.That(Allowed.Absent.Admits(Value.Of(0)), Is.False);
            Assert.That(Allowed.Absent.IsExact, Is.True);
            Assert.That(Allowed.Absent.ToString(), Is.EqualTo("nothing"));
        }
    }

    [TestCase("errno", "0")]
    [TestCase("tx.used[1].id", "7")]
    [TestCase("tx.used[1]", "{id=7 len=0}")]
    [TestCase("tx.idx", "2")]
    [TestCase("wire.b0[0]", "h'00'")]
    [TestCase("deep[1][0]", "3")]
    [TestCase("nothing", null)]
    [TestCase("tx.nothing", null)]
    [TestCase("tx.used[2]", null)]
    [TestCase("tx.used[0].nothing", null)]
    [TestCase("errno.id", null)]
    [TestCase("errno[0]", null)]
    [TestCase("tx[0]", null)]
    [TestCase("nothing.at[0].all", null)]
    public void A_path_finds_its_value(string path, string? found)
    {
        var fields = ValueText.ParseFields("errno=0 tx={idx=2 used=[{id=5 len=0} {id=7 len=0}]} wire={b0=[h'00']} deep=[[1] [3]]");
        var observation = new Observation { Fields = [.. fields] };
        Assert.That(ValuePath.Resolve(observation, path)?.ToString(), Is.EqualTo(found));
    }

    [TestCase("a", "a", true)]
    [TestCase("a.b", "a", true)]
    [TestCase("a", "a[0].b", true)]
    [TestCase("ab", "a", false)]
    [TestCase("a.b", "a.c", false)]
    [TestCase("a.b", "a.bc", false)]
    public void Paths_overlap_where_one_is_part_of_the_other(string a, string b, bool overlap) =>
        Assert.That((ValuePath.Overlap(a, b), ValuePath.Overlap(b, a)), Is.EqualTo((overlap, overlap)));

    private static System.Collections.Immutable.ImmutableArray<Value> Items(string text) => ((ListValue)ValueText.Parse($"[{text}]")).Items;
}

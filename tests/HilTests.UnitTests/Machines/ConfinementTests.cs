using HilTests.Lab.Machines;

namespace HilTests.UnitTests.Machines;

[TestFixture]
public sealed class ConfinementTests
{
    [TestCase("         0          0 4294967295", true)]
    [TestCase("         0     100000      65536", false)]
    [TestCase("0 1000 1\n1 100000 65536", false)]
    [TestCase("0 1000 1\n1879048192 2000000000 100000000", true)]
    public void The_numbers_are_used_where_the_namespace_has_them(string map, bool has) =>
        Assert.That(Confinement.MapHolds(map.Split('\n'), Confinement.FirstId, Confinement.IdCount), Is.EqualTo(has));

    [Test]
    public void The_numbers_are_nobodys() =>
        Assert.That((Confinement.FirstId, Confinement.FirstId + Confinement.IdCount), Is.EqualTo((0x7001_0000u, 0x7101_0000u)));

    [Test]
    public void Nothing_can_be_gained_and_the_parent_s_death_is_asked_for()
    {
        var privileges = Confinement.For("tcg").Privileges;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(privileges, Does.Contain("--no-new-privs"));
            Assert.That(string.Join(' ', privileges), Does.Contain("--pdeathsig KILL"));
            Assert.That(privileges.Contains("--reuid"), Is.EqualTo(Confinement.For("tcg").Id != 0));
        }
    }

    [Test]
    public void Two_machines_are_not_the_same_user()
    {
        uint first = Confinement.For("tcg").Id;
        if (first is 0 or 65534) Assert.Ignore("only root has users to give, and only where they are mapped");
        Assert.That(Enumerable.Range(0, 8).Select(_ => Confinement.For("tcg").Id).Distinct().Count(), Is.GreaterThan(1));
    }
}

using HilTests.Core;

namespace HilTests.UnitTests;

public sealed class SpellingTests
{
    [TestCase("opne", new[] { "open", "close", "settle" }, new[] { "open" })]
    [TestCase("set-vring-nun", new[] { "set-vring-num", "set-vring-base", "get-vring-base" }, new[] { "set-vring-num", "set-vring-base", "get-vring-base" })]
    [TestCase("bokworm", new[] { "bullseye", "bookworm", "sid" }, new[] { "bookworm" })]
    [TestCase("zzz", new[] { "open", "close" }, new string[0])]
    [TestCase("", new[] { "a", "ab" }, new[] { "a" })]
    [TestCase("a", new[] { "b", "c", "d", "e" }, new[] { "b", "c", "d" })]
    public void Near_names_come_nearest_first(string name, string[] known, string[] near) =>
        Assert.That(Spelling.Near(name, known), Is.EqualTo(near));

    [FsCheck.NUnit.Property]
    public bool A_known_name_is_its_own_nearest(FsCheck.NonEmptyString name, string[] others) =>
        Spelling.Near(name.Get, [.. others.Where(o => o is not null), name.Get])[0] == name.Get;

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public bool Exactly_the_names_within_reach_are_near(byte[] a, byte[] b)
    {
        var (name, known) = (Word(a), Word(b));
        var near = Spelling.Near(name, [known]).Count == 1;
        return near == (Edits(name, known) <= 1 + (name.Length / 3));
    }

    private static string Word(byte[] bytes) => new([.. bytes.Take(7).Select(b => (char)('a' + (b % 3)))]);

    private static int Edits(string a, string b)
    {
        if (a.Length == 0 || b.Length == 0) return a.Length + b.Length;
        if (a[0] == b[0]) return Edits(a[1..], b[1..]);
        return 1 + Math.Min(Edits(a[1..], b[1..]), Math.Min(Edits(a[1..], b), Edits(a, b[1..])));
    }
}

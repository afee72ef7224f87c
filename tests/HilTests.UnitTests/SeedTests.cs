using HilTests.Core;

namespace HilTests.UnitTests;

public sealed class SeedTests
{
    /// <summary>First numbers of Vigna's splitmix64.c with x = 1234567, as published with several ports of it.</summary>
    private static readonly ulong[] Published =
        [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];

    [Test]
    public void The_published_numbers_come()
    {
        var seed = new Seed(1234567);
        Assert.That(Published.Select(_ => seed.Next()), Is.EqualTo(Published));
    }

    [FsCheck.NUnit.Property]
    public bool Numbers_are_those_of_the_reference_algorithm(ulong start)
    {
        var seed = new Seed(start);
        return Reference(start).Take(50).All(n => n == seed.Next());
    }

    [TestCase(2)]
    [TestCase(3)]
    [TestCase(7)]
    [TestCase(1000)]
    public void Below_is_even(int count)
    {
        const int Each = 2000;
        var seed = new Seed(99);
        var hits = new int[count];
        for (var i = 0; i < count * Each; i++) hits[seed.Below(count)]++;
        // Chi squared: mean count - 1, variance twice that; six standard deviations are one in a billion.
        var chi = hits.Sum(h => (double)(h - Each) * (h - Each) / Each);
        Assert.That(chi, Is.LessThan(count - 1 + (6 * Math.Sqrt(2.0 * count)) + 20));
    }

    [FsCheck.NUnit.Property]
    public bool Between_keeps_its_bounds(ulong start, short a, short b)
    {
        var (low, high) = (Math.Min(a, b), Math.Max(a, b));
        var seed = new Seed(start);
        return Enumerable.Range(0, 50).Select(_ => seed.Between(low, high)).All(n => n >= low && n <= high);
    }

    [Test]
    public void Between_reaches_both_bounds()
    {
        var seed = new Seed(5);
        var seen = Enumerable.Range(0, 200).Select(_ => seed.Between(-2, 2)).ToHashSet();
        Assert.That(seen, Is.EquivalentTo([-2, -1, 0, 1, 2]));
    }

    [Test]
    public void Pick_reaches_every_item_and_OneIn_comes_about_so_often()
    {
        var seed = new Seed(6);
        var picked = Enumerable.Range(0, 200).Select(_ => seed.Pick("a", "b", "c")).ToHashSet();
        var ones = Enumerable.Range(0, 10_000).Count(_ => seed.OneIn(10));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(picked, Is.EquivalentTo(["a", "b", "c"]));
            Assert.That(ones, Is.InRange(850, 1150));
        }
    }

    [Test]
    public void Forks_of_neighbouring_seeds_and_indices_share_no_numbers()
    {
        var seen = new HashSet<ulong>();
        var drawn = 0;
        for (ulong start = 0; start < 50; start++)
        {
            for (ulong index = 0; index < 50; index++)
            {
                var fork = new Seed(start).Fork(index);
                for (var i = 0; i < 8; i++, drawn++) seen.Add(fork.Next());
            }
        }
        Assert.That(seen, Has.Count.EqualTo(drawn));
    }

    [Test]
    public void Bits_of_forks_do_not_go_together()
    {
        // Of 64 bits of two independent numbers 32 agree, within six standard deviations of the mean of 4000 pairs.
        var agreeing = Enumerable.Range(0, 4000).Average(i =>
            64 - System.Numerics.BitOperations.PopCount(new Seed(42).Fork((ulong)i).Next() ^ new Seed(42).Fork((ulong)i + 1).Next()));
        Assert.That(agreeing, Is.EqualTo(32).Within(6 * 4 / Math.Sqrt(4000)));
    }

    private static IEnumerable<ulong> Reference(ulong x)
    {
        while (true)
        {
            x += 0x9E3779B97F4A7C15UL;
            var a = x ^ (x >> 30);
            var b = a * 0xBF58476D1CE4E5B9UL;
            var c = (b ^ (b >> 27)) * 0x94D049BB133111EBUL;
            yield return c ^ (c >> 31);
        }
    }
}

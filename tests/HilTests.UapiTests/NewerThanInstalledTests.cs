using System.Reflection;
using HilTests.Uapi;
using HilTests.UapiTests.Headers;

namespace HilTests.UapiTests;

/// <summary>What the installed headers lack is listed by name and value, not passed over.</summary>
public sealed class NewerThanInstalledTests
{
    private static readonly BoundConstant[] Newer =
        [.. Bindings.ConstantHolders.SelectMany(Bindings.ConstantsOf).Where(c => c.Since is not null)];

    [Test]
    public void EveryConstantMarkedSinceIsListedWithItsValue() =>
        Assert.That(
            Newer.ToDictionary(c => c.Name, c => (uint)c.Value),
            Is.EquivalentTo(NewerThanInstalled.Constants));

    [Test]
    public void EveryStructMarkedSinceIsDeclared() =>
        Assert.That(
            Bindings.Structs.Where(t => t.GetCustomAttribute<SinceAttribute>() is not null).Select(t => t.Name),
            Is.EquivalentTo(NewerThanInstalled.Structs.Keys));

    [Test]
    public void TheHeadersLackExactlyWhatIsNewerThanThey()
    {
        var version = new Questions(["linux/version.h"]);
        version.AskConstant("LINUX_VERSION_CODE >> 8");
        var code = (int)version.Constant("LINUX_VERSION_CODE >> 8")!.Value;
        var installed = new Version(code >> 8, code & 255);

        var lacking = new List<string>();
        foreach (var holder in Bindings.ConstantHolders)
        {
            Comparer.Differences(InstalledHeaders.Of(holder), Bindings.ConstantsOf(holder), out var unknown);
            lacking.AddRange(unknown.Select(u => u.Name));
        }

        TestContext.Out.WriteLine($"not in the installed headers ({installed}), compared with the list: {string.Join(", ", lacking)}");
        Assert.That(
            lacking,
            Is.EquivalentTo(Newer.Where(c => Version.Parse(c.Since!.Kernel) > installed).Select(c => c.Name)));
    }
}

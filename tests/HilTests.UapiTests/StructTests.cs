using System.Reflection;
using HilTests.Uapi;
using HilTests.UapiTests.Headers;

namespace HilTests.UapiTests;

/// <summary>Every public structure against the installed headers: size, and each member's offset, size and sign.</summary>
public sealed class StructTests
{
    private static IEnumerable<TestCaseData> AllStructs =>
        Bindings.Structs.Select(t => new TestCaseData(t).SetArgDisplayNames(t.Name));

    [TestCaseSource(nameof(AllStructs))]
    public void IsLaidOutAsInC(Type type)
    {
        var c = InstalledHeaders.Of(type);
        var bound = BoundStruct.Of(type);
        if (type.GetCustomAttribute<SinceAttribute>() is not null && c.Size(bound.CType) is null)
        {
            Assert.That(NewerThanInstalled.Structs, Does.ContainKey(type.Name), $"{type.Name} is in no header here: declare it in NewerThanInstalled");
            c = new Questions(Bindings.HeadersOf(type)!, NewerThanInstalled.Structs[type.Name]);
            Comparer.Ask(c, bound);
        }

        Assert.That(Comparer.Differences(c, bound), Is.Empty);
    }

    [TestCaseSource(nameof(AllStructs))]
    public void ShowsEveryMember(Type type)
    {
        var hidden = type.GetFields(BindingFlags.NonPublic | BindingFlags.Instance)
            .Where(f => f.GetCustomAttribute<NotInCAttribute>() is null)
            .Select(f => f.Name);

        Assert.That(hidden, Is.Empty, "a hidden member is not compared: make it public or mark it [NotInC]");
    }
}

using HilTests.Uapi.Linux;
using HilTests.UapiTests.Headers;

namespace HilTests.UapiTests;

/// <summary>Every public constant and request number against the installed headers.</summary>
public sealed class ConstantTests
{
    private static IEnumerable<TestCaseData> AllHolders =>
        Bindings.ConstantHolders.Select(t => new TestCaseData(t).SetArgDisplayNames(t.Name));

    [TestCaseSource(nameof(AllHolders))]
    public void HaveTheValuesOfC(Type type)
    {
        var constants = Bindings.ConstantsOf(type);
        var differences = Comparer.Differences(InstalledHeaders.Of(type), constants, out var unknown);

        Assert.Multiple(() =>
        {
            Assert.That(constants, Is.Not.Empty);
            Assert.That(differences, Is.Empty);
            Assert.That(
                unknown.Where(u => u.Since is null).Select(u => u.Name),
                Is.Empty,
                "C does not know these: a spelling, a wrong header, or a missing [Since]");
        });
    }

    [Test]
    public void RequestNumbersAreBuiltAsInC()
    {
        var c = new Questions(["linux/ioctl.h"]);
        var expected = new Dictionary<string, uint>();
        foreach (var (type, number) in new (uint, uint)[] { (0, 0), (0xAF, 0), (0xAF, 0xFF), ('T', 202), (0x12, 127), (0xFF, 1) })
        {
            expected[$"_IO({type}, {number})"] = ioctl_h._IO(type, number);
            expected[$"_IOR({type}, {number}, char)"] = ioctl_h._IOR<byte>(type, number);
            expected[$"_IOW({type}, {number}, int)"] = ioctl_h._IOW<int>(type, number);
            expected[$"_IOWR({type}, {number}, long long)"] = ioctl_h._IOWR<long>(type, number);
            expected[$"_IOC(_IOC_READ, {type}, {number}, 16383)"] = ioctl_h._IOC(ioctl_h._IOC_READ, type, number, 16383);
        }

        foreach (var expression in expected.Keys)
            c.AskConstant(expression);

        Assert.That(
            expected.Keys.ToDictionary(e => e, e => (uint)c.Constant(e)!.Value),
            Is.EqualTo(expected));
    }
}

using HilTests.Core;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;

namespace HilTests.Models;

/// <summary>A device's model together with its suite of programs.</summary>
/// <param name="Model">the executable specification</param>
/// <param name="HandWritten">programs written for one sentence of the specification each</param>
/// <param name="Generate">makes program number <c>index</c> from a seed; the same seed and index give the same program</param>
/// <param name="Modules">the kernel modules under test, by the names the kernel gives them</param>
public sealed record DeviceSuite(
    IDeviceModel Model, IReadOnlyList<Program> HandWritten, Func<Seed, int, Program> Generate, IReadOnlyList<string> Modules)
{
    /// <summary>Whether it is run only where it is named: it needs more than a kernel.</summary>
    public bool IsOnRequest { get; init; }

    /// <summary>The hand-written programs and then <paramref name="generated"/> more made from the seed.</summary>
    public IEnumerable<Program> Programs(ulong seed, int generated)
    {
        foreach (var program in HandWritten) yield return program;
        for (var i = 0; i < generated; i++) yield return Generate(new Seed(seed).Fork((ulong)i), i);
    }
}

/// <summary>Every device that can be judged. A new device adds its line here.</summary>
public static class ModelRegistry
{
    private static readonly Dictionary<string, DeviceSuite> Suites = new DeviceSuite[]
    {
        VhostNet.VhostNetSuite.Instance,
        VhostNet.Async.AsyncSuite.Instance,
        F2fs.F2fsSuite.Instance,
    }.ToDictionary(s => s.Model.Device);

    /// <summary>The devices' names.</summary>
    public static IReadOnlyCollection<string> Devices => Suites.Keys;

    /// <summary>The devices whose suites are run where none is named.</summary>
    public static IReadOnlyCollection<string> Usual => [.. Suites.Values.Where(s => !s.IsOnRequest).Select(s => s.Model.Device)];

    /// <exception cref="ArgumentException">when no such device is known</exception>
    public static DeviceSuite Get(string device) => Suites.TryGetValue(device, out var suite)
        ? suite
        : throw new ArgumentException($"no model for device '{device}'; there are models for {string.Join(", ", Devices)}", nameof(device));
}

using HilTests.Core.Programs;

namespace HilTests.Core.Devices;

/// <summary>Every device whose programs can be read and written. A new device adds its line here.</summary>
public static class DeviceRegistry
{
    private static readonly Dictionary<string, DeviceVocabulary> ByName = new DeviceVocabulary[]
    {
        VhostNet.VhostNetVocabulary.Instance,
        VhostNet.AsyncVocabulary.Instance,
        F2fs.F2fsVocabulary.Instance,
    }.ToDictionary(v => v.Device);

    /// <summary>The devices' names.</summary>
    public static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>The device's vocabulary, or null.</summary>
    public static DeviceVocabulary? Find(string device) => ByName.GetValueOrDefault(device);

    /// <exception cref="ArgumentException">when there is no such device</exception>
    public static DeviceVocabulary Get(string device) =>
        Find(device) ?? throw new ArgumentException($"unknown device '{device}'; known: {string.Join(", ", Names)}", nameof(device));
}

using HilTests.Core.Programs;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>The steps of vhost-net programs.</summary>
public static class VhostNetVocabulary
{
    public static DeviceVocabulary Instance { get; } = new("vhost-net");
}

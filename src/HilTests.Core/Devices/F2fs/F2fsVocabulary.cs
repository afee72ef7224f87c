using HilTests.Core.Programs;

namespace HilTests.Core.Devices.F2fs;

/// <summary>The steps of f2fs programs.</summary>
public static class F2fsVocabulary
{
    public static DeviceVocabulary Instance { get; } = new("f2fs");
}

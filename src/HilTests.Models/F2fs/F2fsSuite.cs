using HilTests.Models.F2fs.Programs;

namespace HilTests.Models.F2fs;

/// <summary>f2fs: its model and its programs.</summary>
public static class F2fsSuite
{
    public static DeviceSuite Instance { get; } = new(new F2fsModel(), [.. F2fsPrograms.All, .. F2fsSpacePrograms.All], F2fsGenerator.Generate, ["f2fs"]);
}

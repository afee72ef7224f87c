namespace HilTests.Lab;

/// <summary>Where the project's own files are: vm-images, provisioning, the agent's sources.</summary>
public sealed record SourceTree(string Root)
{
    /// <summary>The environment variable that names the root for a program built elsewhere.</summary>
    public const string RootVariable = "HIL_ROOT";

    /// <summary>Finds the root: <c>HIL_ROOT</c>, else the nearest folder above this program that holds HilTests.sln.</summary>
    /// <exception cref="InfrastructureException">There is none.</exception>
    public static SourceTree Find()
    {
        if (Environment.GetEnvironmentVariable(RootVariable) is { Length: > 0 } named)
        {
            return File.Exists(Path.Combine(named, "HilTests.sln"))
                ? new SourceTree(Path.GetFullPath(named))
                : throw new InfrastructureException($"{RootVariable}={named} holds no HilTests.sln; set it to the folder of the project");
        }
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "HilTests.sln")))
                return new SourceTree(folder);
        }
        throw new InfrastructureException(
            $"the project's folder was not found above {AppContext.BaseDirectory}; set {RootVariable} to the folder that holds HilTests.sln");
    }

    /// <summary>A path below the root.</summary>
    public string At(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);
}

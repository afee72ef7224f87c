namespace HilTests.Lab.Processes;

/// <summary>Where the programs of the host are.</summary>
internal static class Programs
{
    /// <summary>The path of a program; also looks into the sbin folders, which a plain user's PATH lacks. Null when it is not there.</summary>
    public static string? Find(string program)
    {
        if (program.Contains('/'))
            return File.Exists(program) ? program : null;
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"])
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>As <see cref="Find"/>, with an error that says what to do.</summary>
    /// <exception cref="InfrastructureException">It is not installed.</exception>
    public static string Require(string program, string package) =>
        Find(program) ?? throw new InfrastructureException(
            $"{program} is not installed (Debian package {package}); run `provisioning/install.sh` as root, or see `hil doctor`");
}

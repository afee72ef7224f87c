using System.Diagnostics;
using HilTests.Lab;

namespace HilTests.Cli.Nightly;

/// <summary>Which commit of this project is at work.</summary>
internal static class ProjectCommit
{
    /// <summary>The commit, with <c>-changed</c> behind it where files differ from it; null where the project is no git checkout.</summary>
    public static string? Find()
    {
        var root = SourceTree.Find().Root;
        if (Git(root, "rev-parse", "HEAD") is not { Length: > 0 } commit) return null;
        return Git(root, "status", "--porcelain", "--untracked-files=no", "--", "src", "vm-images") is { Length: > 0 } ? commit + "-changed" : commit;
    }

    private static string? Git(string root, params string[] arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["-C", root, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (git is null) return null;
            git.ErrorDataReceived += static (_, _) => { };
            git.BeginErrorReadLine();
            var said = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? said : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}

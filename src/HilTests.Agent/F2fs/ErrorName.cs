using HilTests.Uapi.Linux;

namespace HilTests.Agent.F2fs;

/// <summary>The words that traces use for errors.</summary>
internal static class ErrorName
{
    /// <summary>The errno's name, or null for success.</summary>
    public static string? Of(Errno error) => error == Errno.None ? null : error.ToString();
}

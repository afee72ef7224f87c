using System.Text;

namespace HilTests.Lab.Processes;

/// <summary>What a process says on its standard error: the first and the last of it when it says very much.</summary>
internal static class LastWords
{
    private const int Keep = 16 << 10;

    /// <summary>Reads to the stream's end.</summary>
    public static async Task<string> ReadAsync(TextReader stream)
    {
        var first = new StringBuilder();
        var last = new StringBuilder();
        bool cut = false;
        char[] buffer = new char[4096];
        int n;
        while ((n = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
        {
            int room = Math.Min(n, Keep - first.Length);
            first.Append(buffer, 0, room);
            last.Append(buffer, room, n - room);
            if (last.Length <= Keep)
                continue;
            cut = true;
            last.Remove(0, last.Length - Keep);
        }
        return cut ? $"{first}\n[…]\n{last}" : $"{first}{last}";
    }
}

namespace HilTests.Lab.Kernels;

/// <summary>
/// The order of Debian versions (deb-version(7)): parts without digits and numbers by turns; in the former letters come
/// before other characters and '~' before everything, the end included.
/// </summary>
internal sealed class VersionOrder : IComparer<string>
{
    public static VersionOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        string a = x ?? "", b = y ?? "";
        int i = 0, j = 0;
        while (i < a.Length || j < b.Length)
        {
            while ((i < a.Length && !char.IsAsciiDigit(a[i])) || (j < b.Length && !char.IsAsciiDigit(b[j])))
            {
                int difference = Weight(a, i) - Weight(b, j);
                if (difference != 0)
                    return difference;
                i++;
                j++;
            }
            var (left, right) = (Number(a, ref i), Number(b, ref j));
            int numbers = left.Length != right.Length ? left.Length - right.Length : string.CompareOrdinal(left, right);
            if (numbers != 0)
                return numbers;
        }
        return 0;
    }

    private static int Weight(string text, int at) => at >= text.Length || char.IsAsciiDigit(text[at])
        ? 0
        : text[at] == '~' ? -1 : char.IsAsciiLetter(text[at]) ? text[at] : text[at] + 256;

    private static string Number(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        return text[start..at].TrimStart('0');
    }
}

namespace HilTests.UapiTests.Headers;

/// <summary>Compares bindings with what C says. An empty list is agreement; each entry names one difference.</summary>
internal static class Comparer
{
    /// <summary>Prepares the questions about a structure.</summary>
    public static void Ask(Questions c, BoundStruct bound)
    {
        c.AskSize(bound.CType);
        foreach (var member in bound.Members)
            c.AskMember(bound.CType, member.CName);
    }

    /// <summary>Prepares the questions about constants.</summary>
    public static void Ask(Questions c, IEnumerable<BoundConstant> constants)
    {
        foreach (var constant in constants)
            c.AskConstant(constant.Name);
    }

    /// <summary>What differs in a structure: its size, a member's offset, size or sign, or bytes no member covers.</summary>
    public static IReadOnlyList<string> Differences(Questions c, BoundStruct bound)
    {
        if (c.Size(bound.CType) is not { } size)
            return [$"{bound.CType}: C does not know it"];

        var differences = new List<string>();
        if (size.Size != bound.Size)
            differences.Add($"{bound.CType}: {bound.Size} bytes, in C {size.Size}");

        var known = new List<(BoundMember Bound, CMember C)>();
        foreach (var member in bound.Members)
        {
            if (c.Member(bound.CType, member.CName) is not { } inC)
            {
                differences.Add($"{bound.CType}.{member.CName}: C does not know it");
                continue;
            }

            known.Add((member, inC));
            differences.AddRange(Differences($"{bound.CType}.{member.CName}", member, inC));
        }

        if (differences.Count == 0 && known.Count > 0)
            differences.AddRange(Uncovered(bound, size, known));

        return differences;
    }

    /// <summary>What differs among constants; names that C does not know are handed back apart.</summary>
    public static IReadOnlyList<string> Differences(
        Questions c, IEnumerable<BoundConstant> constants, out IReadOnlyList<BoundConstant> unknown)
    {
        var differences = new List<string>();
        var missing = new List<BoundConstant>();
        foreach (var constant in constants)
        {
            if (c.Constant(constant.Name) is not { } inC)
                missing.Add(constant);
            else if (!Same(constant.Value, inC))
                differences.Add($"{constant.Name}: {constant.Value} ({constant.Value:x}), in C {inC.Value} ({inC.Value:x})");
        }

        unknown = missing;
        return differences;
    }

    private static IEnumerable<string> Differences(string name, BoundMember bound, CMember inC)
    {
        if (bound.Offset != inC.Offset)
            yield return $"{name}: at byte {bound.Offset}, in C at {inC.Offset}";

        if (bound.Size != inC.Size)
            yield return $"{name}: {bound.Size} bytes, in C {inC.Size}";

        if (bound.Kind != inC.Kind && bound.Kind != 'o' && inC.Kind != 'o')
            yield return $"{name}: {(bound.Kind == 's' ? "signed" : "unsigned")}, in C the other way";
    }

    /// <summary>
    /// Bytes that no member covers must be what alignment explains, or a member was forgotten. A forgotten member that
    /// fits exactly into such a hole cannot be told from it.
    /// </summary>
    private static IEnumerable<string> Uncovered(BoundStruct bound, CSize size, List<(BoundMember Bound, CMember C)> known)
    {
        var end = 0;
        foreach (var (member, inC) in known.OrderBy(m => m.C.Offset).ThenBy(m => m.C.Size))
        {
            if (inC.Offset > end && Align(end, inC.Alignment) != inC.Offset)
                yield return $"{bound.CType}: bytes {end} to {inC.Offset - 1} before {member.Name} are nobody's";

            end = Math.Max(end, inC.Offset + inC.Size);
        }

        if (Align(end, size.Alignment) != size.Size)
            yield return $"{bound.CType}: bytes {end} to {size.Size - 1} at the end are nobody's";
    }

    private static int Align(int offset, int alignment) => (offset + alignment - 1) / alignment * alignment;

    /// <summary>The same number, or the same 32 bits where C has a negative int for a flag in bit 31.</summary>
    private static bool Same(Int128 bound, CConstant inC) =>
        bound == inC.Value || (inC.Size == 4 && inC.Value < 0 && bound == (uint)(int)inC.Value);
}

using System.Buffers.Binary;
using System.Text;

namespace HilTests.Lab.Modules;

/// <summary>
/// The functions in a module's symbol table. Read here and not by a tool: what a stranger's patch was built to may be no ELF file at all, and
/// every number in it is checked.
/// </summary>
public static class ModuleSymbols
{
    private const int SectionHeaderBytes = 64;
    private const int SymbolBytes = 24;
    private const uint SymbolTable = 2;
    private const int Function = 2;

    /// <summary>The functions' symbols; empty where the file is not what a 64-bit little-endian kernel loads.</summary>
    public static IReadOnlySet<string> Functions(string file) => Functions(File.ReadAllBytes(file));

    /// <inheritdoc cref="Functions(string)"/>
    public static IReadOnlySet<string> Functions(ReadOnlySpan<byte> elf)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (elf.Length < 64 || elf[0] != 0x7f || !elf[1..].StartsWith("ELF\u0002\u0001"u8))
            return names;
        ulong at = BinaryPrimitives.ReadUInt64LittleEndian(elf[0x28..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(elf[0x3c..]);
        for (int i = 0; i < count; i++)
        {
            var header = Slice(elf, at + (ulong)(i * SectionHeaderBytes), SectionHeaderBytes);
            if (header.IsEmpty || BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) != SymbolTable)
                continue;
            uint link = BinaryPrimitives.ReadUInt32LittleEndian(header[40..]);
            var strings = Content(elf, Slice(elf, at + (link * (ulong)SectionHeaderBytes), SectionHeaderBytes));
            Read(Content(elf, header), strings, names);
        }
        return names;
    }

    private static void Read(ReadOnlySpan<byte> symbols, ReadOnlySpan<byte> strings, HashSet<string> names)
    {
        for (; symbols.Length >= SymbolBytes; symbols = symbols[SymbolBytes..])
        {
            uint name = BinaryPrimitives.ReadUInt32LittleEndian(symbols);
            ushort section = BinaryPrimitives.ReadUInt16LittleEndian(symbols[6..]);
            // Section 0: it is only used here and defined elsewhere.
            if ((symbols[4] & 15) != Function || section == 0 || name >= strings.Length)
                continue;
            var text = strings[(int)name..];
            int end = text.IndexOf((byte)0);
            if (end > 0)
                names.Add(Encoding.ASCII.GetString(text[..end]));
        }
    }

    private static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> elf, ReadOnlySpan<byte> header) => header.IsEmpty
        ? []
        : Slice(elf, BinaryPrimitives.ReadUInt64LittleEndian(header[24..]), BinaryPrimitives.ReadUInt64LittleEndian(header[32..]));

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> elf, ulong at, ulong length) =>
        at <= (ulong)elf.Length && length <= (ulong)elf.Length - at ? elf.Slice((int)at, (int)length) : [];
}

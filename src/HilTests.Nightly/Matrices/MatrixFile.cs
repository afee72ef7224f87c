using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace HilTests.Nightly.Matrices;

/// <summary>What the rest of the project knows and a matrix may name.</summary>
/// <param name="Devices">The devices there are models for.</param>
/// <param name="WhyNoKernel">Says why a kernel's name is wrong; null where it is one, or a path that is there.</param>
public sealed record MatrixWords(IReadOnlyList<string> Devices, Func<string, string?> WhyNoKernel);

/// <summary>Reads matrix files; docs/nightly.md describes them, docs/nightly/matrix.schema.json is their schema for editors.</summary>
public static class MatrixFile
{
    private const long LongestBytes = 1 << 20;
    private static readonly string[] Accelerators = ["auto", "kvm", "tcg"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="MatrixException">It cannot be read, or something in it is wrong: says all of it.</exception>
    public static Matrix Read(string file, MatrixWords words)
    {
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > LongestBytes } large) throw new MatrixException($"{file}: {large.Length} bytes are too many for a matrix");
            return Parse(file, File.ReadAllText(file), words);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MatrixException($"{file}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads the text of a file; relative paths in it start at the file's folder.</summary>
    /// <exception cref="MatrixException">Something in it is wrong: says all of it.</exception>
    public static Matrix Parse(string file, string text, MatrixWords words)
    {
        var mistakes = new List<MatrixMistake>();
        var root = Load(file, text);
        if (root is null) throw new MatrixException(file, text, [new MatrixMistake(new Place(1, 1), "the file is empty; it begins with `hil-matrix: 1`")]);
        var matrix = new MatrixParser(Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/", words, Accelerators, mistakes).Read(root);
        return mistakes.Count == 0 ? matrix : throw new MatrixException(file, text, mistakes);
    }

    private static YamlNode? Load(string file, string text)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new MatrixException(file, text, [new MatrixMistake(new Place((int)e.Start.Line, (int)e.Start.Column), $"this is no YAML: {e.Message}")]);
        }
        return yaml.Documents.Count switch
        {
            0 => null,
            1 => yaml.Documents[0].RootNode,
            _ => throw new MatrixException(file, text, [new MatrixMistake(MappingReader.PlaceOf(yaml.Documents[1].RootNode), "a second document begins here (`---`); a matrix is one")]),
        };
    }
}

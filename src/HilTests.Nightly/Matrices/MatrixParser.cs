using System.Collections.Immutable;
using YamlDotNet.RepresentationModel;

namespace HilTests.Nightly.Matrices;

/// <summary>Turns the nodes of a matrix file into a <see cref="Matrix"/>.</summary>
internal sealed class MatrixParser(string folder, MatrixWords words, IReadOnlyList<string> accelerators, List<MatrixMistake> mistakes)
{
    private static readonly Amounts BuiltIn = new()
    {
        Seeds = [new MatrixSeed(1)],
        Accelerator = "auto",
        MemoryMiB = 512,
        Limit = TimeSpan.FromMinutes(30),
        Retries = 2,
        Owner = "",
    };

    private ImmutableArray<MatrixKernel> _kernels = [];
    private Amounts _defaults = BuiltIn;
    private ImmutableSortedDictionary<string, string> _owners = ImmutableSortedDictionary<string, string>.Empty;

    public Matrix Read(YamlNode node)
    {
        var root = new MappingReader(node, "a matrix", mistakes);
        if (root.Required("hil-matrix", "1") is { Length: > 0 } version and not "1")
            root.MistakeAt(root.PlaceOf("hil-matrix"), $"this is version {version} of the format; this hil reads version 1");
        _owners = Owners(root);
        _defaults = Defaults(root).Over(BuiltIn);
        _kernels = [.. root.Mappings("kernels", "a kernel").Select(Kernel)];
        if (_kernels.IsEmpty && !root.Has("kernels")) root.MistakeAt(root.Place, "a matrix needs `kernels`, for example `kernels: [{name: bookworm}]`");
        foreach (var twice in _kernels.GroupBy(k => k.Label).Where(g => g.Count() > 1))
            root.MistakeAt(twice.Last().Place, $"'{twice.Key}' is there already, in line {twice.First().Place.Line}; give one of them another `label`");
        var matrix = new Matrix
        {
            Name = root.Required("name", "vhost-net and f2fs on Debian"),
            Kernels = _kernels,
            Suites = [.. root.Mappings("suites", "a suite").Select(Suite)],
            Audits = [.. root.Mappings("audits", "an audit").Select(Audit)],
            KnownBugs = [.. root.Mappings("known-bugs", "a known bug").Select(Bug)],
            Owners = _owners,
            Nights = root.Number("nights", 2, 1000) ?? 30,
            Origin = Origin(root),
        };
        if (matrix.Suites.IsEmpty && matrix.Audits.IsEmpty) root.MistakeAt(root.Place, "nothing is to be run; a matrix needs `suites` or `audits`");
        root.Close();
        return matrix;
    }

    private static string Origin(MappingReader root)
    {
        if (root.Text("origin") is not { } origin) return "hil";
        if (!origin.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')) root.MistakeAt(root.PlaceOf("origin"), $"origin is made of small letters, digits and `_`; '{origin}' is not");
        return origin;
    }

    private static ImmutableSortedDictionary<string, string> Owners(MappingReader root)
    {
        var owners = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (root.Node("owners") is not { } node) return owners.ToImmutable();
        if (node is not YamlMappingNode mapping)
        {
            root.MistakeAt(root.PlaceOf("owners"), "owners is a list of `name: address` lines");
            return owners.ToImmutable();
        }
        foreach (var (key, value) in mapping.Children)
        {
            if (key is YamlScalarNode { Value: { Length: > 0 } name } && value is YamlScalarNode { Value: { Length: > 0 } address }) owners[name] = address;
            else root.MistakeAt(MappingReader.PlaceOf(key), "an owner is `name: address`");
        }
        return owners.ToImmutable();
    }

    private Amounts Defaults(MappingReader root)
    {
        if (root.Node("defaults") is not { } node) return new Amounts();
        var reader = new MappingReader(node, "`defaults`", mistakes);
        var amounts = ReadAmounts(reader);
        reader.Close();
        return amounts;
    }

    private Amounts ReadAmounts(MappingReader reader)
    {
        var amounts = new Amounts
        {
            Programs = reader.Number("programs", 0, 1_000_000),
            Time = reader.Span("time"),
            Seeds = Seeds(reader),
            Accelerator = reader.OneOf("accel", accelerators),
            MemoryMiB = reader.Number("memory", 256, 1 << 20),
            Limit = reader.Span("limit"),
            Retries = reader.Number("retries", 0, 20),
            Owner = Owner(reader),
        };
        if (reader.Has("programs") && reader.Has("time")) reader.MistakeAt(reader.PlaceOf("time"), "`programs` and `time` both say how much is run; give one of them");
        return amounts;
    }

    private string? Owner(MappingReader reader)
    {
        if (reader.Text("owner") is not { } owner) return null;
        if (!_owners.ContainsKey(owner)) reader.MistakeAt(reader.PlaceOf("owner"), $"no owner '{owner}'{MappingReader.Meant(owner, _owners.Keys)}; `owners` lists {(_owners.IsEmpty ? "none" : string.Join(", ", _owners.Keys))}");
        return owner;
    }

    private static ImmutableArray<MatrixSeed>? Seeds(MappingReader reader)
    {
        if (!reader.Has("seeds")) return null;
        var seeds = ImmutableArray.CreateBuilder<MatrixSeed>();
        foreach (var (text, place) in reader.Texts("seeds"))
        {
            MatrixSeed? seed = text == "tonight" ? new MatrixSeed(null) : ulong.TryParse(text, out var number) ? new MatrixSeed(number) : null;
            if (seed is null) reader.MistakeAt(place, $"a seed is a number from 0 up, or `tonight`; '{text}' is not");
            else if (seeds.Contains(seed.Value)) reader.MistakeAt(place, $"seed {text} is there twice");
            else seeds.Add(seed.Value);
        }
        return seeds.ToImmutable();
    }

    private MatrixKernel Kernel(MappingReader reader)
    {
        var name = reader.Required("name", "bookworm");
        if (name.Length > 0)
        {
            if (IsPath(name)) name = Path.GetFullPath(name, folder);
            if (words.WhyNoKernel(name) is { } why) reader.MistakeAt(reader.PlaceOf("name"), why);
        }
        var kernel = new MatrixKernel(name, reader.Text("label") ?? name, reader.Number("memory", 256, 1 << 20), Names(reader, "features"), Owner(reader) ?? "", reader.Place);
        reader.Close();
        return kernel;
    }

    private MatrixSuite Suite(MappingReader reader)
    {
        var suite = new MatrixSuite(
            Device(reader), Kernels(reader, "kernels"), Patches(reader), Names(reader, "features"), Names(reader, "licenses"), ReadAmounts(reader).Over(_defaults), reader.Place);
        reader.Close();
        return suite;
    }

    private MatrixAudit Audit(MappingReader reader)
    {
        var kernels = Kernels(reader, "kernel");
        var audit = new MatrixAudit(
            Device(reader), kernels.FirstOrDefault(""), reader.Number("count", 1, 10_000) ?? 10, reader.Span("time") ?? TimeSpan.FromSeconds(20), Names(reader, "features"),
            new Amounts { MemoryMiB = reader.Number("memory", 256, 1 << 20), Limit = reader.Span("limit"), Retries = reader.Number("retries", 0, 20), Owner = Owner(reader), Accelerator = reader.OneOf("accel", accelerators) }.Over(_defaults),
            reader.Place);
        reader.Close();
        return audit;
    }

    private ExpectedBug Bug(MappingReader reader)
    {
        var bug = new ExpectedBug(
            reader.Required("rule", "vhost.rx.num-buffers-one"), reader.Has("device") ? Device(reader) : "", reader.Has("kernels") ? Kernels(reader, "kernels") : [], reader.Text("program") ?? "",
            reader.Required("reason", "fixed by commit …, not in this kernel yet"), reader.Required("link", "https://lore.kernel.org/…"), reader.Day("expires") ?? default, reader.Place);
        if (!reader.Has("expires")) reader.MistakeAt(reader.Place, "a known bug needs `expires`, for example `expires: 2027-03-31`: from that day on it counts again");
        reader.Close();
        return bug;
    }

    private string Device(MappingReader reader) =>
        reader.Required("device", words.Devices[0]) is { Length: > 0 } ? reader.OneOf("device", words.Devices) ?? "" : "";

    /// <summary>Labels of kernels of the matrix; all of them where none is named.</summary>
    private ImmutableArray<string> Kernels(MappingReader reader, string key)
    {
        var named = reader.Texts(key);
        foreach (var (label, place) in named.Where(n => _kernels.All(k => k.Label != n.Text)))
            reader.MistakeAt(place, $"no kernel '{label}'{MappingReader.Meant(label, _kernels.Select(k => k.Label))}; `kernels` lists {string.Join(", ", _kernels.Select(k => k.Label))}");
        return named.IsEmpty ? [.. _kernels.Select(k => k.Label)] : [.. named.Select(n => n.Text).Distinct()];
    }

    private ImmutableArray<string> Patches(MappingReader reader)
    {
        var patches = ImmutableArray.CreateBuilder<string>();
        foreach (var (text, place) in reader.Texts("patches"))
        {
            var path = Path.GetFullPath(text, folder);
            if (File.Exists(path) || Directory.Exists(path)) patches.Add(path);
            else reader.MistakeAt(place, $"there is no file or folder {path}");
        }
        return patches.ToImmutable();
    }

    /// <summary>Words that go to a cluster's commands: letters, digits and a few marks.</summary>
    private static ImmutableArray<string> Names(MappingReader reader, string key)
    {
        var names = reader.Texts(key);
        foreach (var (name, place) in names.Where(n => n.Text[0] == '-' || !n.Text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':')))
            reader.MistakeAt(place, $"'{name}' is no name of a cluster's {key}: letters, digits, `_`, `-`, `.` and `:`");
        return [.. names.Select(n => n.Text)];
    }

    private static bool IsPath(string name) => name.StartsWith("./", StringComparison.Ordinal) || name.StartsWith("../", StringComparison.Ordinal);
}

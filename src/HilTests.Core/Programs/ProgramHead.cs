using System.Collections.Immutable;
using HilTests.Core.Devices;
using HilTests.Core.Values;

namespace HilTests.Core.Programs;

/// <summary>The lines before the first step, while they are read.</summary>
internal sealed class ProgramHead
{
    private string? _name;
    private string? _about;
    private ImmutableArray<string> _needs = [];
    private ulong? _seed;
    private DeviceVocabulary? _vocabulary;

    public bool TryRead(string line)
    {
        var end = line.IndexOf(' ');
        if (end < 0) return false;
        var rest = line[(end + 1)..];
        switch (line[..end])
        {
            case "name":
                _name = rest;
                return true;
            case "device":
                _vocabulary = DeviceRegistry.Find(rest)
                    ?? throw new TextFormatException(0, end + 2, $"unknown device '{rest}'; known: {string.Join(", ", DeviceRegistry.Names)}");
                return true;
            case "seed":
                _seed = ulong.TryParse(rest, out var seed) ? seed : throw new TextFormatException(0, end + 2, $"'{rest}' is not a seed (0 to 2^64-1)");
                return true;
            case "needs":
                _needs = [.. rest.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
                return true;
            case "about":
                _about = ValueText.Parse(line, end + 1) is TextValue text ? text.Content : throw new TextFormatException(0, end + 2, "a string in quotes was expected");
                return true;
            default:
                return false;
        }
    }

    public DeviceVocabulary VocabularyOrThrow() =>
        _vocabulary ?? throw new TextFormatException(0, 1, "'device NAME' must stand before the first step");

    public Program ToProgram(ImmutableArray<Step> steps, int lastLine)
    {
        if (_vocabulary is null) throw new TextFormatException(lastLine, 1, "'device NAME' is missing");
        return new Program { Name = _name ?? "unnamed", Device = _vocabulary.Device, Seed = _seed, About = _about, Needs = _needs, Steps = steps };
    }
}

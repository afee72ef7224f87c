namespace HilTests.Lab.Images;

/// <summary>What a VM holds, as the files of vm-images/fragments say; the format is explained in base.list.</summary>
internal sealed class ImageFragment
{
    public List<(string Module, string Parameters)> Boot { get; } = [];
    public List<string> Modules { get; } = [];
    public List<string> Tools { get; } = [];
    public List<(string Path, string Target)> Links { get; } = [];
    public List<string> Folders { get; } = [];
    public List<(string File, string Value)> Knobs { get; } = [];
    public List<string> Parameters { get; } = [];

    /// <summary>Every fragment of the project, base first.</summary>
    /// <returns>What they say together, and their text (for the image's key).</returns>
    public static (ImageFragment Fragment, string Text) LoadAll(SourceTree tree)
    {
        var all = new ImageFragment();
        string[] files =
        [
            .. Directory.GetFiles(tree.At("vm-images", "fragments"), "*.list")
                .OrderBy(f => Path.GetFileName(f) != "base.list").ThenBy(f => f, StringComparer.Ordinal),
        ];
        var texts = new List<string>();
        foreach (string file in files)
        {
            string text = File.ReadAllText(file);
            texts.Add(text);
            all.Add(text, file);
        }
        return (all, string.Join('\n', texts));
    }

    /// <exception cref="InfrastructureException">An unknown word or a missing argument; names file and line.</exception>
    public void Add(string text, string file)
    {
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = raw.Split('#')[0].Trim();
            if (line.Length == 0)
                continue;
            string[] words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (!AddItem(words))
            {
                throw new InfrastructureException($"{file}:{number}: '{line}' is none of: boot MODULE [PARAMETERS], module MODULE, " +
                    "tool PROGRAM, link PATH TARGET, dir PATH, knob FILE VALUE, param WORD");
            }
        }
    }

    private bool AddItem(string[] words)
    {
        switch (words)
        {
            case ["boot", var module]:
                Boot.Add((module, ""));
                return true;
            case ["boot", var module, var parameters]:
                Boot.Add((module, parameters));
                return true;
            case ["module", var module]:
                Modules.Add(module);
                return true;
            case ["tool", var tool]:
                Tools.Add(tool);
                return true;
            case ["link", var path, var target]:
                Links.Add((path, target));
                return true;
            case ["dir", var path]:
                Folders.Add(path);
                return true;
            case ["knob", var knob, var value]:
                Knobs.Add((knob, value));
                return true;
            case ["param", var parameter]:
                Parameters.Add(parameter);
                return true;
            default:
                return false;
        }
    }
}

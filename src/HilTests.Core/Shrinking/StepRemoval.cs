using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Shrinking;

/// <summary>Leaves steps out.</summary>
internal sealed class StepRemoval(ShrinkWork work, DeviceVocabulary vocabulary)
{
    /// <summary>Groups that are tried; the largest come first.</summary>
    private const int MostGroups = 40;

    /// <summary>Steps that belong together: all of one kind, or all that name the same ring, back end or file.</summary>
    public async Task GroupsAsync()
    {
        var edits = new StepEdits(vocabulary);
        var groups = work.Steps
            .SelectMany(step => Keys(edits, step).Select(key => (key, step)))
            .GroupBy(pair => pair.key)
            .Where(g => g.Count() > 1)
            .OrderByDescending(g => g.Count())
            .ThenBy(g => g.Key, StringComparer.Ordinal)
            .Take(MostGroups);
        foreach (var key in groups.Select(g => g.Key).ToList())
            await work.TryAsync([.. work.Steps.Where(s => !Keys(edits, s).Contains(key))]).ConfigureAwait(false);
    }

    /// <summary>Stretches of steps, half of the program at first, single steps in the end, from the end to the beginning.</summary>
    public async Task ChunksAsync()
    {
        var removed = true;
        while (removed)
        {
            removed = false;
            for (var size = Math.Max(1, work.Steps.Length / 2); size >= 1; size /= 2)
            {
                for (var end = work.Steps.Length; end > 0; end -= size)
                {
                    var at = Math.Max(0, end - size);
                    if (await work.TryAsync(work.Steps.RemoveRange(at, end - at)).ConfigureAwait(false)) removed = true;
                }
            }
        }
    }

    private IEnumerable<string> Keys(StepEdits edits, Step step)
    {
        yield return vocabulary.SyntaxOf(step).Name;
        foreach (var (name, value) in edits.Arguments(step))
            if (value is SymbolValue or NumberValue { PrintHex: false }) yield return $"{name}={value}";
    }
}

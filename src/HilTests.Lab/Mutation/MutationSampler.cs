using HilTests.Core;

namespace HilTests.Lab.Mutation;

/// <summary>Draws mutations by a seed: one operator after the other in turns, and for each any of its places, all alike.</summary>
public static class MutationSampler
{
    /// <summary>An endless-looking but finite draw: the same sources, functions and seed give the same mutations in the same order.</summary>
    /// <param name="sources">The files.</param>
    /// <param name="isRun">Whether a function, by its file and its name, belongs to the device under test.</param>
    /// <param name="seed">The seed.</param>
    public static IEnumerable<Mutation> Draw(IReadOnlyList<CSource> sources, Func<string, string, bool> isRun, ulong seed)
    {
        var decks = MutationOperators.Names.Select((name, number) => Deck(sources, isRun, name, new Seed(seed).Fork((ulong)number))).ToList();
        var taken = new HashSet<(string, int)>();
        while (decks.Any(d => d.Count > 0))
        {
            foreach (var deck in decks)
            {
                // One change a line: two of them would often be the same mistake.
                while (deck.TryDequeue(out var mutation))
                {
                    if (!taken.Add((mutation.Source.Name, mutation.Line))) continue;
                    yield return mutation;
                    break;
                }
            }
        }
    }

    private static Queue<Mutation> Deck(IReadOnlyList<CSource> sources, Func<string, string, bool> isRun, string name, Seed seed)
    {
        var all = (from source in sources from function in source.Functions where isRun(source.Name, function.Name) from mutation in MutationOperators.Apply(name, source, function) select mutation).ToArray();
        for (int left = all.Length; left > 1; left--)
        {
            int other = seed.Below(left);
            (all[left - 1], all[other]) = (all[other], all[left - 1]);
        }
        return new Queue<Mutation>(all);
    }
}

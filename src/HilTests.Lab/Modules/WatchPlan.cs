using System.Collections.Immutable;
using HilTests.Core.Channel;
using HilTests.Lab.Patches;

namespace HilTests.Lab.Modules;

/// <summary>
/// Which functions of the loaded modules stand for the changed ones. A function that the compiler put into its callers is no symbol; then its callers
/// are watched, which may be called without it.
/// </summary>
/// <param name="ByFunction">For each changed function what is watched; empty where nothing can be.</param>
/// <param name="Inlined">Changed functions for which callers stand.</param>
public sealed record WatchPlan(ImmutableDictionary<string, ImmutableArray<WatchedFunction>> ByFunction, ImmutableHashSet<string> Inlined)
{
    private const int Depth = 4;

    /// <summary>Everything that is watched, each once.</summary>
    public IEnumerable<WatchedFunction> All => ByFunction.Values.SelectMany(f => f).Distinct();

    /// <summary>Looks the functions up.</summary>
    /// <param name="functions">The changed functions' names.</param>
    /// <param name="modules">The modules as built.</param>
    /// <param name="sources">The kernel's root, for the callers.</param>
    public static WatchPlan Of(IEnumerable<ChangedFunction> functions, BuiltModules modules, string sources)
    {
        var symbols = modules.Files.SelectMany(m => ModuleSymbols.Functions(m.Value).Select(s => new WatchedFunction(m.Key, s))).ToLookup(w => w.Symbol.Split('.')[0]);
        var callers = new Lazy<ILookup<string, string>>(() => Callers(Path.Combine(sources, modules.Folder)));
        var plan = ImmutableDictionary.CreateBuilder<string, ImmutableArray<WatchedFunction>>();
        var inlined = ImmutableHashSet.CreateBuilder<string>();
        foreach (string name in functions.Select(f => f.Name).Distinct())
        {
            if (plan.Values.Sum(f => f.Length) >= FunctionWatch.Most) break;
            plan[name] = [.. symbols[name]];
            if (plan[name].Length > 0) continue;
            inlined.Add(name);
            var level = new HashSet<string> { name };
            var seen = new HashSet<string>(level);
            var found = new HashSet<WatchedFunction>();
            for (int i = 0; i < Depth && level.Count > 0; i++)
            {
                var above = level.SelectMany(n => callers.Value[n]).Where(seen.Add).ToList();
                foreach (string caller in above) found.UnionWith(symbols[caller]);
                level = [.. above.Where(c => !symbols.Contains(c))];
            }
            plan[name] = [.. found.Take(12)];
        }
        return new WatchPlan(plan.ToImmutable(), inlined.ToImmutable());
    }

    /// <summary>Callee to callers, by the words in the functions of a folder's files.</summary>
    private static ILookup<string, string> Callers(string folder)
    {
        var pairs = new List<(string Callee, string Caller)>();
        foreach (string file in Directory.Exists(folder) ? Directory.GetFiles(folder).Where(f => f.EndsWith(".c", StringComparison.Ordinal) || f.EndsWith(".h", StringComparison.Ordinal)) : [])
        {
            try
            {
                var source = Mutation.CSource.Parse(file, File.ReadAllText(file));
                foreach (var function in source.Functions)
                {
                    for (int i = function.First; i + 1 < function.End; i++)
                    {
                        if (source.Tokens[i].Kind == Mutation.CTokenKind.Word && source.Tokens[i + 1].Text == "(") pairs.Add((source.Tokens[i].Text, function.Name));
                    }
                }
            }
            catch (FormatException)
            {
                // A file that cannot be taken apart tells of no calls.
            }
        }
        return pairs.Distinct().ToLookup(p => p.Callee, p => p.Caller);
    }
}

using HilTests.Cli.Running;
using HilTests.Core;
using HilTests.Core.Programs;
using HilTests.Lab.Mutation;
using HilTests.Models;

namespace HilTests.Cli.Auditing;

/// <summary>
/// The programs for one mutant: those first that caught another one in the same function, then the rest of the hand-written ones, then generated
/// ones without an end.
/// </summary>
/// <param name="seed">Of the generated programs.</param>
internal sealed class AuditPrograms(ulong seed)
{
    private readonly Dictionary<string, List<Program>> _catchers = [];

    /// <summary>The programs in their order.</summary>
    public IEnumerable<PlannedProgram> For(Mutant mutant)
    {
        var suite = ModelRegistry.Get(mutant.Device);
        var first = mutant.Functions.SelectMany(f => _catchers.GetValueOrDefault(Key(mutant.Device, f)) ?? []).Distinct().ToList();
        foreach (var program in first.Concat(suite.HandWritten.Where(p => !first.Contains(p)))) yield return new PlannedProgram(program, suite.Model);
        for (var i = 0; ; i++) yield return new PlannedProgram(suite.Generate(new Seed(seed).Fork((ulong)i), i), suite.Model);
    }

    /// <summary>Remembers what caught a mutant.</summary>
    public void Caught(Mutant mutant, Program program)
    {
        foreach (var function in mutant.Functions)
        {
            if (!_catchers.TryGetValue(Key(mutant.Device, function), out var known)) _catchers[Key(mutant.Device, function)] = known = [];
            if (!known.Contains(program)) known.Insert(0, program);
        }
    }

    private static string Key(string device, string function) => $"{device} {function}";
}

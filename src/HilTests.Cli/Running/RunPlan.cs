using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Models;

namespace HilTests.Cli.Running;

/// <summary>A program and the model that judges it.</summary>
internal sealed record PlannedProgram(Program Program, IDeviceModel Model);

/// <summary>What is to be run.</summary>
/// <param name="Programs">in order; made as they are asked for, endless where a time was given and no number</param>
/// <param name="Count">how many; null where only the time decides</param>
/// <param name="Suites">the suites of the devices that take part</param>
internal sealed record RunPlan(IEnumerable<PlannedProgram> Programs, int? Count, IReadOnlyList<DeviceSuite> Suites)
{
    /// <summary>Plans program files, then the suites of devices, one device after the other in turns.</summary>
    /// <param name="files">programs read from files</param>
    /// <param name="devices">devices whose suites are run</param>
    /// <param name="seed">of the generated programs</param>
    /// <param name="generated">generated programs a device; null for each device's own number</param>
    /// <param name="endless">whether generation goes on until somebody stops asking</param>
    public static RunPlan Of(IReadOnlyList<Program> files, IReadOnlyList<string> devices, ulong seed, int? generated, bool endless)
    {
        var suites = devices.Select(ModelRegistry.Get).ToList();
        var named = files.Select(p => new PlannedProgram(p, ModelRegistry.Get(p.Device).Model));
        var sequences = suites.Select(s => OfSuite(s, seed, endless ? int.MaxValue : generated ?? SuiteSize.Generated(s.Model.Device)));
        var counted = endless && suites.Count > 0
            ? (int?)null
            : files.Count + suites.Sum(s => s.HandWritten.Count + (generated ?? SuiteSize.Generated(s.Model.Device)));
        var taking = devices.Concat(files.Select(p => p.Device)).Distinct().Select(ModelRegistry.Get).ToList();
        return new RunPlan(named.Concat(InTurns([.. sequences])), counted, taking);
    }

    private static IEnumerable<PlannedProgram> OfSuite(DeviceSuite suite, ulong seed, int generated) =>
        suite.Programs(seed, generated).Select(p => new PlannedProgram(p, suite.Model));

    /// <summary>One of each in turn, so that a run cut short has seen every device.</summary>
    internal static IEnumerable<T> InTurns<T>(IReadOnlyList<IEnumerable<T>> sequences)
    {
        var open = sequences.Select(s => s.GetEnumerator()).ToList();
        try
        {
            while (open.Count > 0)
            {
                for (var i = 0; i < open.Count;)
                {
                    if (open[i].MoveNext())
                    {
                        yield return open[i++].Current;
                        continue;
                    }
                    open[i].Dispose();
                    open.RemoveAt(i);
                }
            }
        }
        finally
        {
            foreach (var rest in open) rest.Dispose();
        }
    }
}

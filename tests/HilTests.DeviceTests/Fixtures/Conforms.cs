using HilTests.Core.Judging;
using HilTests.Core.Predictions;
using HilTests.Core.Traces;
using NUnit.Framework.Constraints;

namespace HilTests.DeviceTests.Fixtures;

/// <summary><c>Assert.That(trace, Conforms.To(model))</c></summary>
public static class Conforms
{
    /// <summary>
    /// A trace that the model admits. Known bugs of the kernel are tolerated; SHOULD findings are not failures. The
    /// failure message names the first wrong step, what was allowed and observed, and the rule.
    /// </summary>
    public static Constraint To(IDeviceModel model) => new ConformsConstraint(model);

    private sealed class ConformsConstraint(IDeviceModel model) : Constraint
    {
        public override string Description => $"a trace that the {model.Device} model admits";

        public override ConstraintResult ApplyTo<TActual>(TActual actual)
        {
            if (actual is not Trace trace) throw new ArgumentException($"a trace was expected, not {actual?.GetType().Name ?? "null"}", nameof(actual));
            var verdict = Judge.Decide(trace, model).Verdict;
            return new VerdictResult(this, $"{trace.Program.Name}: {Words(verdict)}", verdict is Verdict.Conforms);
        }

        private static string Words(Verdict verdict) => verdict switch
        {
            Verdict.Diverges diverges => $"diverges, {diverges.Discrepancy}",
            Verdict.Crashed crashed => $"crashed in step {crashed.Step}: {crashed.Title}",
            Verdict.Hung hung => $"hung in step {hung.Step}: {hung.Where}",
            Verdict.Inconclusive open => $"inconclusive: {open.Why}",
            _ => verdict.Word,
        };
    }

    private sealed class VerdictResult(IConstraint constraint, string words, bool conforms) : ConstraintResult(constraint, words, conforms)
    {
        public override void WriteActualValueTo(MessageWriter writer) => writer.Write(ActualValue);
    }
}

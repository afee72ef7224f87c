using HilTests.Core.Judging;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Values;
using HilTests.Models.VhostNet;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>Used buffers and signals are counted, and signals that nobody asked for told apart.</summary>
public sealed class SignalCountTests
{
    private static Program Program => VhostNetSuite.Instance.HandWritten.Single(p => p.Name == "no-interrupt");

    [Test]
    public void An_honest_device_signals_only_what_is_asked_for()
    {
        var signals = Judge.Decide(FakeVhost.Run(Program), new VhostNetModel()).Signals;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(signals.Used, Is.EqualTo(6));
            Assert.That(signals.Signals, Is.InRange(2, 4), "two settles in which signals are wanted, of at most three frames in all");
            Assert.That((signals.Spurious, signals.SpuriousPerThousand), Is.EqualTo((0, 0.0)));
        }
    }

    [Test]
    public void A_signal_more_while_signals_are_off_is_spurious()
    {
        var trace = FakeVhost.Run(Program);
        var step = trace.Entries.Select((e, i) => (e, i)).First(e => e.e.Observation is { } o && ValuePath.Resolve(o, "tx.used") is ListValue { Items.Length: 1 }).i;
        var lie = TraceCorruption.Of(trace).Single(l => l.Step == step && l.Path == "tx.calls" && l.Kind == "+1");
        var signals = Judge.Decide(lie.Trace, new VhostNetModel()).Signals;
        Assert.That((signals.Used, signals.Spurious, signals.SpuriousPerThousand), Is.EqualTo((6, 1, 1000.0 / 6)));
    }
}

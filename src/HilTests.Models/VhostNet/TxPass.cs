using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>The transmit side; drivers/vhost/net.c handle_tx_copy(), handle_tx_zerocopy().</summary>
internal static class TxPass
{
    /// <summary>
    /// Everything that at most <paramref name="passes"/> passes do with the chains offered up to <paramref name="limit"/>.
    /// A lost chain ends a pass; the next wake-up goes on behind it.
    /// </summary>
    public static Pass Run(VhostNetState state, Manner manner, ushort limit, int passes)
    {
        if (state.Tx.Backend is not { } name) return Pass.Nothing;
        var source = new ChainSource(state, Ring.Tx, limit);
        if (source.IsHeld) return new Pass([], PassEnd.Held) { Miss = source.Miss };
        if (source.Stopped is { } stopped) return new Pass([], PassEnd.Stopped, stopped);
        var walk = new Walk(state, state.Backends[name], manner);
        while (!source.Empty)
        {
            var chain = source.Take();
            if (source.Miss is { } miss) return walk.End(PassEnd.Held) with { Miss = miss };
            if (chain.Broken is { } broken) return walk.End(PassEnd.Stopped, broken);
            if (chain.Writable.Count > 0 || chain.ReadableLength <= state.VhostHeader)
            {
                var rule = chain.Writable.Count > 0 ? VhostNetRules.TxWritable : VhostNetRules.TxEmpty;
                walk.Items.Add(new PassItem(1, []) { Lost = rule });
                if (--passes <= 0) return walk.End(PassEnd.Stopped, rule);
                continue;
            }
            if (walk.Send(source.Head, chain) is { } end) return end;
        }
        return source.AtEnd is { } jump ? walk.End(PassEnd.Stopped, jump) : walk.End(PassEnd.Drained);
    }

    private static byte[] Gather(MemoryImage memory, IReadOnlyList<Segment> segments)
    {
        var bytes = new byte[segments.Sum(s => s.Length)];
        var at = 0;
        foreach (var segment in segments)
        {
            memory.Read(segment.Offset, bytes.AsSpan(at, segment.Length));
            at += segment.Length;
        }
        return bytes;
    }

    /// <summary>The way from chain to chain.</summary>
    private sealed class Walk
    {
        private readonly VhostNetState _state;
        private readonly BackendState _backend;
        private readonly Manner _manner;
        private readonly TxCourse _course;
        private int? _certain;
        private bool _open;

        public Walk(VhostNetState state, BackendState backend, Manner manner)
        {
            (_state, _backend, _manner) = (state, backend, manner);
            _course = new TxCourse(state, backend);
        }

        public ImmutableArray<PassItem>.Builder Items { get; } = ImmutableArray.CreateBuilder<PassItem>();

        public Pass End(PassEnd end, Core.Predictions.Rule? broken = null) => new(Items.ToImmutable(), end, broken) { Certain = _certain, IsMannerOpen = _open };

        /// <summary>One chain that can be sent; gives the whole pass where that ends here.</summary>
        public Pass? Send(int head, Chain chain)
        {
            var bytes = Gather(_state.Memory, chain.Readable);
            var verdict = TxVerdict.Of(_state, _backend, bytes, _manner);
            _open |= verdict.IsOpen;
            if (verdict.Fate == TxFate.Unknown) return Pass.CannotSay(verdict.Why!);
            if (verdict.Fate == TxFate.Retried) return End(PassEnd.Retrying);
            if (_backend.Out.Gone && Items.Count > 0 && Items[^1].LostInBatch != (verdict.Fate == TxFate.LostInBatch))
                return Pass.CannotSay("a removed tap takes batches and single frames apart; how they fall together is open, and not modelled");
            if (verdict.Fate == TxFate.LostInBatch)
            {
                Items.Add(new PassItem(1, _manner.Returns ? [new UsedEntry(head, 0)] : []) { LostInBatch = true });
                return null;
            }
            if (_course.HasRoom != true)
            {
                if (verdict.Fate != TxFate.Sent) return Pass.CannotSay("a frame that is refused, at a back end that may be full, is not modelled");
                if (_course.HasRoom == false) return End(PassEnd.Blocked);
                _certain ??= Items.Count;
            }
            Items.Add(Sent(head, chain, verdict));
            return null;
        }

        private PassItem Sent(int head, Chain chain, TxVerdict verdict)
        {
            if (verdict.Fate == TxFate.Sent) _course.Charge(chain);
            var loan = !_course.ZeroCopy ? Loan.None : _backend.Out.Plugged ? Loan.Waits | Loan.MayMiss : Loan.Waits;
            var buffer = _course.ZeroCopy ? new LoanedBuffer(verdict.Frame, [.. chain.Readable]) : null;
            return new PassItem(1, [new UsedEntry(head, 0) { Loan = loan, Buffer = buffer }]) { Sent = verdict.Frame, Refused = verdict.Fate == TxFate.Refused };
        }
    }
}

using HilTests.Core;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using static HilTests.Models.VhostNet.Async.AsyncScript;

namespace HilTests.Models.VhostNet.Async;

/// <summary>
/// Makes programs that interleave submitting, holding, releasing, refusing, kicking, detaching, resetting and closing on both rings. It knows the interface; of
/// what the device will do it keeps only a guess of how many requests are outstanding, so that most releases name some.
/// </summary>
internal static class AsyncGenerator
{
    private const int Num = 64;
    private const int LeastSteps = 12;
    private const int MostSteps = 45;

    /// <summary>Buffers and packets that a device may have in hand before it is left alone: what may be multiplies with each.</summary>
    private const int MostLoose = 5;

    private static readonly ulong[] FeatureSets =
    [
        Feature.Version1, Feature.Version1 | Feature.EventIndex, 0, Feature.Version1 | Feature.VhostSuppliesHeader, Feature.VhostSuppliesHeader, Feature.Version1 | Feature.Indirect | Feature.EventIndex,
    ];

    public static Program Generate(Seed seed, int index) => new Maker(seed, index).Make();

    private sealed class Maker(Seed seed, int index)
    {
        private readonly int[] _guess = new int[2];
        private readonly bool[] _holds = new bool[2];

        /// <summary>Steps in a row that meet a device at work: each multiplies what may be.</summary>
        private int _racing;

        private int _loose;
        private VhostNetScript _script = null!;

        public Program Make()
        {
            var features = FeatureSets[seed.Below(FeatureSets.Length)];
            _script = Begin($"async-gen-{index}", "generated", features, Num, seed.Below(3) == 0 ? 65500 + seed.Below(36) : 0);
            if (seed.Below(4) > 0) Hold(Ring.Tx, true);
            if (seed.Below(4) > 0) Hold(Ring.Rx, true);
            var steps = seed.Between(LeastSteps, MostSteps);
            for (var i = 0; i < steps; i++) Step();
            _script.Add(new Settle());
            return _script.End();
        }

        private Ring Either => seed.Below(2) == 0 ? Ring.Rx : Ring.Tx;

        private CompletionContext Context => (CompletionContext)seed.Below(3);

        private void Step()
        {
            var ring = Either;
            switch (seed.Below(100))
            {
                case < 30: Submit(ring); break;
                case < 40: Packets(); break;
                case < 65: Release(ring); break;
                case < 71: Settle(); break;
                case < 75: _script.Count(); _loose = 0; break;
                case < 80: Hold(ring, !_holds[(int)ring]); break;
                case < 84: Refuse(ring); break;
                case < 87: _script.Add(new Kick(ring)); break;
                case < 91: Meet(new SetBackend((int)ring, Mp)); break;
                case < 95: Detach(ring); break;
                case < 97: Meet(new AvailFlags(ring, seed.Below(2))); break;
                case < 99: Meet(new UsedEvent(ring, seed.Below(Num))); break;
                default: Race(ring); break;
            }
        }

        private void Settle()
        {
            _script.Add(new Settle());
            (_loose, _racing) = (0, 0);
        }

        private void Loosen(int by)
        {
            _loose += by;
            if (_loose > MostLoose) Settle();
        }

        private void Meet(Step step)
        {
            if (++_racing % 2 == 0) Settle();
            _script.Add(step);
        }

        /// <summary>Never more than the ring has descriptors for.</summary>
        private void Submit(Ring ring)
        {
            var count = 1 + seed.Below(4);
            if (_guess[(int)ring] + count > Num / 4) return;
            _guess[(int)ring] += count;
            var heads = Enumerable.Range(0, count).Select(_ => ring == Ring.Tx ? _script.TxFrame(20 + seed.Below(200), Cuts()) : _script.RxBuffer(100 + seed.Below(150), Cuts()).Head).ToList();
            _script.Add(new Offer(ring, [.. heads]));
            if (seed.Below(5) > 0) _script.Add(new Kick(ring));
            if (seed.Below(3) == 0) Settle();
            else Loosen(count);
        }

        private List<int>? Cuts() => seed.Below(3) == 0 ? [1 + seed.Below(20)] : null;

        private void Packets()
        {
            for (var i = seed.Below(3); i >= 0; i--)
            {
                _script.Add(new Send(Mp, 14 + seed.Below(120), _script.NextContent()));
                Loosen(1);
            }
        }

        private void Release(Ring ring)
        {
            var there = Math.Max(1, Math.Min(_guess[(int)ring], 12));
            var places = Enumerable.Range(0, there).OrderBy(_ => seed.Below(1 << 20)).Take(1 + seed.Below(there)).ToList();
            var errno = seed.Below(8) == 0 ? "EIO" : null;
            _script.Add(Let(ring, places, Context, errno, ring == Ring.Rx && seed.Below(6) == 0 ? seed.Below(40) : null));
            _loose = 0;
            Loosen(places.Count);
            if (seed.Below(2) == 0) Settle();
            _guess[(int)ring] = Math.Max(0, _guess[(int)ring] - places.Count);
        }

        private void Hold(Ring ring, bool hold)
        {
            _holds[(int)ring] = hold;
            _script.Add(new MpHold(Mp, ring, hold, hold ? CompletionContext.Process : Context));
        }

        private void Refuse(Ring ring)
        {
            _script.Add(new MpRefuse(Mp, ring, "EAGAIN"));
            Submit(ring);
            _script.Add(new MpRefuse(Mp, ring, null));
        }

        private void Detach(Ring ring)
        {
            // What completes by itself must have done so; what is held may be given back at any time.
            if (!_holds[(int)ring] && _loose > 0) Settle();
            Meet(new SetBackend((int)ring, "none"));
            if (seed.Below(2) == 0) _script.Add(new Settle());
            _guess[(int)ring] = 0;
            _script.Add(new SetBackend((int)ring, Mp));
        }

        /// <summary>Requests complete from a timer while the link ends.</summary>
        private void Race(Ring ring)
        {
            _script.Add(new Settle(), Let(ring, [0], after: 1 + seed.Below(400)));
            Detach(ring);
        }
    }
}

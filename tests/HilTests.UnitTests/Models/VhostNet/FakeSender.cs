using HilTests.Core;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>What the vhost worker does with one TX chain after the other, by the kind of link.</summary>
internal sealed class FakeSender(Seed chance)
{
    private const int GoodCopy = 256;
    private const int FitsInPage = 3400;

    private readonly List<(int Head, int Length)> _batch = [];
    private readonly List<FakeLoan> _loans = [];
    private int _packets;
    private int _failures;
    private bool _lost;

    public bool ZeroCopy { get; set; }

    public bool OnLoan => _loans.Any(l => !l.IsBack);

    /// <summary>The back end has changed: what is back is used, and counting starts anew.</summary>
    public void Change(FakeRing ring, ulong features)
    {
        Return(ring, features);
        Forget();
    }

    public void Forget()
    {
        _loans.Clear();
        (_packets, _failures) = (0, 0);
    }

    public void Begin(FakeRing ring, FakeBackend backend, ulong features)
    {
        _lost = false;
        if (ZeroCopy && backend.IsTap) Return(ring, features);
    }

    /// <summary>Sends one chain; false where the pass ends with it still on the ring.</summary>
    public bool Send(FakeRing ring, FakeBackend backend, int head, byte[] payload, NaiveShape shape, ulong features)
    {
        if (ZeroCopy && backend.IsTap) return Lend(ring, backend, head, payload, shape, features);
        var answer = backend.Limited || payload.Length > FitsInPage ? backend.Take(payload) : Batch(ring, backend, payload, shape.SocketHeader);
        if (answer == FakeAnswer.Again) return Wait(ring);
        if (_lost || ring.Retries) return !ring.Retries;
        _batch.Add((head, 0));
        if (chance.OneIn(6)) ring.Publish(_batch, features);
        return true;
    }

    public void End(FakeRing ring, ulong features) => ring.Publish(_batch, features);

    private static bool Wait(FakeRing ring)
    {
        ring.Last--;
        ring.WaitsForRoom = true;
        return false;
    }

    /// <summary>vhost_net_build_xdp() and tun_xdp_one().</summary>
    private FakeAnswer Batch(FakeRing ring, FakeBackend backend, byte[] payload, int socketHeader)
    {
        if (backend.Gone)
        {
            if (!_lost) ring.Complain();
            _lost = true;
            return FakeAnswer.Taken;
        }
        var end = payload.Length < socketHeader || (payload[0] & 1) == 0 ? 0 : BitConverter.ToUInt16(payload, 6) + BitConverter.ToUInt16(payload, 8) + 2;
        if (payload.Length < socketHeader || (end > BitConverter.ToUInt16(payload, 2) && end > payload.Length))
        {
            ring.Last--;
            ring.Retries = true;
            return FakeAnswer.Taken;
        }
        var frame = payload[socketHeader..];
        if (frame.Length >= 14 && FakeBackend.Understands(payload, frame.Length)) backend.Go(frame, null);
        return FakeAnswer.Taken;
    }

    private bool Lend(FakeRing ring, FakeBackend backend, int head, byte[] payload, NaiveShape shape, ulong features)
    {
        var lends = payload.Length >= GoodCopy && _loans.Count <= Math.Min(128, ring.Num / 4) && _packets / 64 >= _failures;
        var loan = lends ? new FakeLoan(head) : null;
        var tooMany = loan is not null && shape.PagesBehind(shape.VhostHeader + backend.Header + GoodCopy) > 17;
        var answer = backend.Take(payload, tooMany ? null : loan);
        if (answer == FakeAnswer.Again) return Wait(ring);
        if (loan is null)
        {
            _batch.Add((head, 0));
            ring.Publish(_batch, features);
        }
        else
        {
            _loans.Add(loan);
            loan.IsBack |= tooMany || answer == FakeAnswer.Invalid;
            loan.IsFailure = answer == FakeAnswer.Taken;
            Return(ring, features);
        }
        if (++_packets >= 1024) (_packets, _failures) = (0, 0);
        return true;
    }

    /// <summary>vhost_zerocopy_signal_used().</summary>
    private void Return(FakeRing ring, ulong features)
    {
        while (_loans.Count > 0 && _loans[0].IsBack)
        {
            if (_loans[0].IsFailure) _failures++;
            _batch.Add((_loans[0].Head, 0));
            _loans.RemoveAt(0);
        }
        ring.Publish(_batch, features);
    }
}

/// <summary>How a chain lies in memory.</summary>
/// <param name="Places">offset of each byte the device may read</param>
/// <param name="VhostHeader">bytes that vhost strips</param>
/// <param name="SocketHeader">bytes that the socket is to strip</param>
internal sealed record NaiveShape(List<int> Places, int VhostHeader, int SocketHeader)
{
    /// <summary>Stretches of one page or less that the bytes behind so many lie on; runs are cut where offsets jump.</summary>
    public int PagesBehind(int skip)
    {
        var pages = 0;
        for (var i = skip; i < Places.Count; i++)
            if (i == skip || Places[i] != Places[i - 1] + 1 || Places[i] % 4096 == 0 || Pieces.Contains(i)) pages++;
        return pages;
    }

    /// <summary>Where pieces begin that happen to follow one another in memory.</summary>
    public required HashSet<int> Pieces { get; init; }
}

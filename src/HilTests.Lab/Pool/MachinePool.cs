using HilTests.Lab.Machines;
using Polly;
using Polly.Retry;

namespace HilTests.Lab.Pool;

/// <summary>
/// Machines that are started when they are asked for, or ahead, and handed out in the order of asking. At most
/// <see cref="PoolOptions.Capacity"/> are rented at once; who asks for more waits. A machine that failed is never handed
/// out again, and its cause is kept. Idle machines of other options make room when others are asked for.
/// </summary>
/// <remarks>
/// Processes with the same cache folder share slots: a pool may always have one machine, so nobody starves; each
/// further one needs a free slot. Who has a lease should not wait for a second one.
/// </remarks>
public sealed class MachinePool : IAsyncDisposable
{
    /// <summary>How often slots of other processes are looked at while somebody waits for one.</summary>
    private static readonly TimeSpan SlotPoll = TimeSpan.FromMilliseconds(200);

    private readonly PoolOptions _options;
    private readonly MachineSlots? _slots;
    private readonly ResiliencePipeline _once;
    private readonly Lock _lock = new();
    private readonly LinkedList<PoolWaiter> _waiters = new();
    private readonly List<PooledMachine> _idle = [];
    private readonly HashSet<PooledMachine> _rented = [];
    private readonly List<MachineLikeness> _starting = [];
    private readonly List<Task> _work = [];
    private readonly LostMachines _lost = new();
    private readonly CancellationTokenSource _closing = new();
    private MachineOptions? _askedForLast;
    private int _live;
    private int _retiring;
    private int _numbers;
    private bool _isPolling;
    private bool _isClosed;
    private bool _hasToldOfSlots;

    public MachinePool(PoolOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Capacity, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Spares);
        _options = options;
        _slots = options.Slots is { } cache ? new MachineSlots(cache, Most) : null;
        _once = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<InfrastructureException>(),
            MaxRetryAttempts = 1,
            Delay = TimeSpan.Zero,
        }).Build();
    }

    /// <summary>How many machines are rented at once.</summary>
    public int Capacity => _options.Capacity;

    /// <summary>The machines that failed so far, starts that failed among them.</summary>
    public IReadOnlyList<LostMachine> Lost => _lost.All;

    private int Most => _options.Capacity + _options.Spares;

    /// <summary>Waits for a machine.</summary>
    /// <param name="options">What machine; those of equal options are shared.</param>
    /// <param name="kind">Whether others may have used it.</param>
    /// <param name="cancellation">Leaves the queue; what was started for it stays for others.</param>
    /// <exception cref="Kernels.UnknownKernelException">No such kernel.</exception>
    /// <exception cref="InfrastructureException">No machine could be started, in two attempts.</exception>
    /// <exception cref="ObjectDisposedException">The pool was closed.</exception>
    public async Task<Lease> RentAsync(MachineOptions options, LeaseKind kind, CancellationToken cancellation)
    {
        var waiter = Enqueue(new PoolWaiter(options, kind), asFirst: false);
        while (true)
        {
            PooledMachine machine;
            await using (cancellation.Register(() => Leave(waiter, cancellation)).ConfigureAwait(false))
                machine = await waiter.Given.Task.ConfigureAwait(false);
            var lease = new Lease(this, machine, kind);
            if (await LossAsync(machine, cancellation).ConfigureAwait(false) is not { } loss)
            {
                machine.WasRented = true;
                return lease;
            }
            // It died while nobody had it. Whoever got it has waited long enough and is the next again.
            lease.Fail($"while idle: {loss}");
            await lease.DisposeAsync().ConfigureAwait(false);
            waiter = Enqueue(new PoolWaiter(options, kind), asFirst: true);
        }
    }

    /// <summary>Switches every machine off, rented ones too, and waits until nothing of them is left.</summary>
    public async ValueTask DisposeAsync()
    {
        List<PoolWaiter> waiters;
        lock (_lock)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            waiters = [.. _waiters];
            _waiters.Clear();
            foreach (var machine in _idle.Concat(_rented).ToList())
                Retire(machine);
        }
        await _closing.CancelAsync().ConfigureAwait(false);
        foreach (var waiter in waiters)
            waiter.Given.TrySetException(new ObjectDisposedException(nameof(MachinePool), "the pool of machines was closed"));
        var failed = new List<Exception>();
        while (TakeWork() is { Length: > 0 } work)
        {
            await Task.WhenAll(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            failed.AddRange(work.Where(t => t.IsFaulted).Select(t => t.Exception!.GetBaseException()));
        }
        _closing.Dispose();
        if (failed.Count > 0)
            throw new AggregateException("machines could not be switched off", failed);
    }

    /// <summary>A loss in one line.</summary>
    internal static string Words(MachineLoss loss) => $"{loss.Kind}: {loss.Title}";

    internal async ValueTask ReturnAsync(Lease lease, PooledMachine machine)
    {
        if (lease is { Failure: null, IsSpent: false } && await LossAsync(machine, CancellationToken.None).ConfigureAwait(false) is { } loss)
            lease.Fail(loss);
        lock (_lock)
        {
            // A pool that was closed has taken it back already.
            if (!_rented.Contains(machine))
                return;
            if (lease.Failure is { } cause)
                Tell(_lost.Add(machine, cause));
            if (lease is { Failure: null, IsSpent: false, HasOtherModules: false, Kind: LeaseKind.Shared })
            {
                _rented.Remove(machine);
                _idle.Add(machine);
            }
            else
            {
                Retire(machine);
            }
        }
        Serve();
    }

    private PoolWaiter Enqueue(PoolWaiter waiter, bool asFirst)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            _askedForLast = waiter.Options;
            if (asFirst)
                _waiters.AddFirst(waiter);
            else
                _waiters.AddLast(waiter);
        }
        Serve();
        return waiter;
    }

    private void Leave(PoolWaiter waiter, CancellationToken cancellation)
    {
        lock (_lock)
        {
            // Who was given a machine at the same moment keeps it, and gives it back by itself.
            if (!_waiters.Remove(waiter))
                return;
        }
        waiter.Given.TrySetCanceled(cancellation);
        Serve();
    }

    /// <summary>Gives what is there to those who wait, in their order, and starts or clears away what they need.</summary>
    private void Serve()
    {
        lock (_lock)
        {
            if (_isClosed)
                return;
            var promised = new List<MachineLikeness>(_starting);
            int leaving = _retiring;
            for (var node = _waiters.First; node is not null && _rented.Count < Capacity;)
            {
                var (waiter, next) = (node.Value, node.Next);
                if (Pick(waiter) is { } machine)
                {
                    _idle.Remove(machine);
                    _rented.Add(machine);
                    _waiters.Remove(node);
                    waiter.Given.SetResult(machine);
                }
                else if (!promised.Remove(waiter.Likeness) && !TryStart(waiter.Options, waiter.Likeness) && leaving-- <= 0 && _idle.Count > 0)
                {
                    // An idle machine that nobody before has a use for makes room.
                    Retire(_idle.OrderBy(m => _waiters.Any(w => w.Takes(m))).First());
                }
                node = next;
            }
            WarmAhead();
        }
    }

    // A machine that was used is handed out first, so that unused ones stay for those who need one.
    private PooledMachine? Pick(PoolWaiter waiter) => _idle.Where(waiter.Takes).OrderByDescending(m => m.WasRented).FirstOrDefault();

    private void WarmAhead()
    {
        if (_askedForLast is not { } options || _options.Spares == 0)
            return;
        var likeness = MachineLikeness.Of(options);
        int waiting = _waiters.Count(w => w.Likeness == likeness);
        int ready = _idle.Count(m => m.Likeness == likeness && !m.WasRented) + _starting.Count(s => s == likeness);
        while (ready++ < waiting + _options.Spares && TryStart(options, likeness))
        {
        }
    }

    private bool TryStart(MachineOptions options, MachineLikeness likeness)
    {
        if (_live >= Most)
            return false;
        var slot = TakeSlot();
        if (slot is null && _slots is not null && _live > 0)
        {
            PollSlots();
            return false;
        }
        _live++;
        _starting.Add(likeness);
        _work.Add(StartAsync(++_numbers, options, likeness, slot));
        return true;
    }

    private FileStream? TakeSlot()
    {
        try
        {
            return _slots?.TryTake();
        }
        catch (InfrastructureException e)
        {
            // Nobody can be asked: this process keeps to the one machine that it may have in any case.
            if (!_hasToldOfSlots)
                _options.Progress?.Invoke($"one machine at a time: {e.Message}");
            _hasToldOfSlots = true;
            return null;
        }
    }

    private void PollSlots()
    {
        if (_isPolling || _waiters.Count == 0)
            return;
        _isPolling = true;
        _work.RemoveAll(t => t.IsCompletedSuccessfully);
        _work.Add(WaitAsync());

        async Task WaitAsync()
        {
            await Task.Delay(SlotPoll, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_lock)
                _isPolling = false;
            Serve();
        }
    }

    private async Task StartAsync(int number, MachineOptions options, MachineLikeness likeness, FileStream? slot)
    {
        await Task.Yield();
        IMachine? machine = null;
        Exception? failure = null;
        try
        {
            machine = await _once.ExecuteAsync(async token => await StartOnceAsync(number, options, token).ConfigureAwait(false), _closing.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whoever waits for it gets it.
            failure = e;
        }
        PoolWaiter? waiter = null;
        lock (_lock)
        {
            _starting.Remove(likeness);
            if (machine is not null)
            {
                _idle.Add(new PooledMachine(number, likeness, machine, slot));
                if (_isClosed)
                    Retire(_idle[^1]);
            }
            else
            {
                _live--;
                slot?.Dispose();
                _askedForLast = null;
                waiter = _waiters.FirstOrDefault(w => w.Likeness == likeness);
                if (waiter is not null)
                    _waiters.Remove(waiter);
            }
        }
        waiter?.Given.SetException(failure!);
        Serve();
    }

    private async Task<IMachine> StartOnceAsync(int number, MachineOptions options, CancellationToken cancellation)
    {
        try
        {
            return await _options.Start(options, cancellation).ConfigureAwait(false);
        }
        catch (InfrastructureException e)
        {
            Tell(_lost.Add(number, e));
            throw;
        }
    }

    /// <summary>Takes a machine out of the pool and switches it off; call with the lock held.</summary>
    private void Retire(PooledMachine machine)
    {
        _idle.Remove(machine);
        _rented.Remove(machine);
        _retiring++;
        _work.RemoveAll(t => t.IsCompletedSuccessfully);
        _work.Add(SwitchOffAsync(machine));
    }

    private async Task SwitchOffAsync(PooledMachine machine)
    {
        await Task.Yield();
        try
        {
            await machine.Machine.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _live--;
                _retiring--;
                machine.Slot?.Dispose();
            }
            Serve();
        }
    }

    private async Task<string?> LossAsync(PooledMachine machine, CancellationToken cancellation)
    {
        try
        {
            await machine.Machine.PingAsync(cancellation).WaitAsync(_options.PingDeadline, cancellation).ConfigureAwait(false);
            return null;
        }
        catch (MachineLostException e)
        {
            return Words(e.Loss);
        }
        catch (TimeoutException)
        {
            return $"no answer to a ping within {_options.PingDeadline.TotalSeconds:0} s";
        }
        catch (InfrastructureException e)
        {
            return $"the ping was refused: {e.Message}";
        }
        catch (OperationCanceledException)
        {
            ReturnUnused(machine);
            throw;
        }
    }

    private void ReturnUnused(PooledMachine machine)
    {
        lock (_lock)
        {
            if (_rented.Remove(machine))
                _idle.Add(machine);
        }
        Serve();
    }

    private void Tell(LostMachine lost) => _options.Progress?.Invoke($"lost {lost}");

    private Task[] TakeWork()
    {
        lock (_lock)
        {
            Task[] work = [.. _work];
            _work.Clear();
            return work;
        }
    }
}

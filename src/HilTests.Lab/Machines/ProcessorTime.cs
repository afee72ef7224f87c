using System.Diagnostics;
using System.Globalization;

namespace HilTests.Lab.Machines;

/// <summary>
/// How much processor time a process got lately. A VM that its host stopped or starved looks from inside like one whose
/// kernel stands still; this tells them apart.
/// </summary>
internal sealed class ProcessorTime : IDisposable
{
    private const int Samples = 512;

    /// <summary>USER_HZ, the unit of /proc/PID/stat, is 100 on every Linux of today (include/asm-generic/param.h).</summary>
    private const double TicksPerSecond = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly Queue<(long At, double Used)> _samples = new();
    private readonly string _stat;
    private readonly Timer _timer;
    private readonly Action<TimeSpan> _onStopped;
    private long _stoppedSince;

    /// <param name="pid">The process.</param>
    /// <param name="onStopped">Told four times a second for how long the process has been stopped by a signal, while it is.</param>
    public ProcessorTime(int pid, Action<TimeSpan> onStopped)
    {
        _stat = $"/proc/{pid}/stat";
        _onStopped = onStopped;
        Sample();
        _timer = new Timer(_ => Sample(), null, Interval, Interval);
    }

    /// <summary>Seconds of processor time, of all processors together, used in the last <paramref name="window"/>.</summary>
    public double UsedIn(TimeSpan window)
    {
        Sample();
        lock (_lock)
        {
            if (_samples.Count == 0)
                return 0;
            long from = Stopwatch.GetTimestamp() - (long)(window.TotalSeconds * Stopwatch.Frequency);
            double before = _samples.Peek().Used;
            double now = before;
            foreach (var (at, used) in _samples)
            {
                if (at <= from)
                    before = used;
                now = used;
            }
            return now - before;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Sample()
    {
        var (state, used) = Read();
        if (used < 0)
            return;
        TimeSpan stopped = TimeSpan.Zero;
        lock (_lock)
        {
            long now = Stopwatch.GetTimestamp();
            _samples.Enqueue((now, used));
            if (_samples.Count > Samples)
                _samples.Dequeue();
            if (state != 'T')
                _stoppedSince = 0;
            else if (_stoppedSince == 0)
                _stoppedSince = now;
            else
                stopped = Stopwatch.GetElapsedTime(_stoppedSince, now);
        }
        if (stopped > TimeSpan.Zero)
            _onStopped(stopped);
    }

    /// <summary>State and used seconds; a negative time for a process that is gone.</summary>
    private (char State, double Used) Read()
    {
        try
        {
            // "pid (name) state …": fields 14 and 15 are user and system time; the name may hold anything.
            string stat = File.ReadAllText(_stat);
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ('X', -1);
        }
    }
}

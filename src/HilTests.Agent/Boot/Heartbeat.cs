using HilTests.Uapi;
using HilTests.Uapi.Devices;

namespace HilTests.Agent.Boot;

/// <summary>
/// Feeds the machine's watchdog. When no thread runs any more, because every processor has its interrupts off, the
/// feeding stops and the host hears of it. A machine that merely got no time is asked by the host before it is given up,
/// so the time may be short.
/// </summary>
internal sealed class Heartbeat
{
    private const int TimeoutSeconds = 1;

    /// <summary>Several times within the timeout: one that is late is nothing.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Watchdog _watchdog;
    private readonly Lock _lock = new();

    private Heartbeat(Watchdog watchdog) => _watchdog = watchdog;

    /// <summary>The one that beats in this machine; null where there is no watchdog.</summary>
    public static Heartbeat? Running { get; private set; }

    /// <summary>Starts the watchdog and its feeding. A machine without one is logged and lives without.</summary>
    public static void Start()
    {
        var opened = Watchdog.Open();
        if (!opened.Ok)
        {
            KernelLog.Write(4, $"no watchdog: {opened.Error}");
            return;
        }
        Running = new Heartbeat(opened.OrThrow("watch the machine"));
        Running.Arm();
        new Thread(Running.Beat) { IsBackground = true, Name = "heartbeat", Priority = ThreadPriority.Highest }.Start();
    }

    /// <summary>
    /// Starts the watchdog from the beginning. One that has bitten is off, and has forgotten its time
    /// (QEMU, hw/watchdog/wdt_i6300esb.c, i6300esb_timer_expired).
    /// </summary>
    /// <exception cref="SyscallException">The device refused.</exception>
    public void Arm()
    {
        lock (_lock)
        {
            int seconds = TimeoutSeconds;
            _watchdog.Disable().OrThrow("stop the watchdog");
            _watchdog.SetTimeout(ref seconds).OrThrow("set the watchdog's time");
            _watchdog.Enable().OrThrow("start the watchdog");
        }
    }

    private void Beat()
    {
        while (true)
        {
            lock (_lock)
                _watchdog.KeepAlive();
            Thread.Sleep(Interval); // waits: for the next beat
        }
    }
}

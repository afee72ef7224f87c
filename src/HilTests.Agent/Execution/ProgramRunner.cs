using System.Diagnostics;
using System.Text;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.Core.Traces;

namespace HilTests.Agent.Execution;

/// <summary>Runs one program and writes its trace piece by piece, so that a machine that dies leaves what was seen.</summary>
internal sealed class ProgramRunner(KernelProfile profile, Action<string> write)
{
    private static StepThread s_thread = new();

    /// <summary>A step that does not come back in this time is reported as hung; no step takes a tenth of it on a slow machine.</summary>
    public static readonly TimeSpan StepLimit = TimeSpan.FromSeconds(30);

    /// <summary>One that still gets on (<see cref="Pulse"/>) may take longer, but not for ever.</summary>
    private static readonly TimeSpan LongestStep = 4 * StepLimit;

    /// <summary>
    /// Trace text waits this long for company: a message a step would cost more than the step. A machine that dies at
    /// once loses no more than that; what hangs is sent by the watch.
    /// </summary>
    private static readonly TimeSpan SendInterval = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Runs the program's steps in order.
    /// </summary>
    /// <param name="program">the program</param>
    /// <param name="lines">its steps' lines, so that they need not be printed anew</param>
    /// <returns>false where a step hung: its thread is lost, and the agent must not be used again</returns>
    public bool Run(Program program, IReadOnlyList<string> lines)
    {
        var progress = new Progress(program, lines, write, TraceText.Head(program, profile));
        s_thread.Begin(progress.RunSteps);
        while (!s_thread.Wait(WatchInterval))
        {
            progress.Flush();
            if (!progress.IsOverdue) continue;
            if (progress.TryAbandon())
            {
                write(TraceText.Tail(TraceEnd.Hung, KernelStacks.OfOtherThreads()));
                ReplaceThread();
                return false;
            }
        }
        // A step that failed half-way may have left its thread with other rights.
        if (progress.HasFailed) ReplaceThread();
        return true;
    }

    private static void ReplaceThread()
    {
        s_thread.Retire();
        s_thread = new StepThread();
    }

    private sealed class Progress(Program program, IReadOnlyList<string> lines, Action<string> write, string head)
    {
        private const int SendSize = 1 << 20;

        private readonly StringBuilder _waiting = new(head);
        private readonly long _start = Stopwatch.GetTimestamp();
        private readonly Lock _lock = new();
        private long _stepStart = Stopwatch.GetTimestamp();
        private long _sent = Stopwatch.GetTimestamp();
        private bool _abandoned;

        /// <summary>Whether the agent could not do its part.</summary>
        public bool HasFailed { get; private set; }

        /// <summary>Whether the step has not got on for too long.</summary>
        public bool IsOverdue => Age >= StepLimit && (Pulse.Age >= StepLimit || Age >= LongestStep);

        private TimeSpan Age => Stopwatch.GetElapsedTime(Volatile.Read(ref _stepStart));

        public bool TryAbandon()
        {
            lock (_lock)
            {
                if (!IsOverdue) return false;
                return _abandoned = true;
            }
        }

        public void RunSteps()
        {
            try
            {
                using var executor = ExecutorRegistry.Create(program.Device);
                for (var i = 0; i < program.Steps.Length; i++)
                {
                    if (!Emit(TraceText.Begin(i + 1, lines[i]))) return;
                    if (!Emit(TraceText.Outcome(RunStep(executor, program.Steps[i])))) return;
                }
                // The executor is disposed inside the watch: a close that hangs is a finding too.
            }
            catch (AgentFailureException e)
            {
                HasFailed = true;
                Emit(TraceText.Tail(TraceEnd.AgentFailed, [e.Message]));
                Flush();
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Whatever else goes wrong here is the agent's own fault; the whole error travels in the trace.
                HasFailed = true;
                Emit(TraceText.Tail(TraceEnd.AgentFailed, [.. e.ToString().Split('\n')]));
                Flush();
                return;
            }
            Emit(TraceText.Tail(TraceEnd.Complete, []));
            Flush();
        }

        /// <summary>Sends what waits.</summary>
        public void Flush()
        {
            lock (_lock)
            {
                if (_abandoned || _waiting.Length == 0) return;
                write(_waiting.ToString());
                _waiting.Clear();
                _sent = Stopwatch.GetTimestamp();
            }
        }

        private Observation RunStep(DeviceExecutor executor, Step step)
        {
            var recorder = new StepRecorder();
            var begin = Stopwatch.GetTimestamp();
            Volatile.Write(ref _stepStart, begin);
            executor.Execute(step, recorder);
            var end = Stopwatch.GetTimestamp();
            Volatile.Write(ref _stepStart, end);
            return recorder.ToObservation(Microseconds(_start, begin), Microseconds(begin, end));
        }

        private bool Emit(string piece)
        {
            lock (_lock)
            {
                if (_abandoned) return false;
                _waiting.Append(piece);
                if (_waiting.Length > SendSize || Stopwatch.GetElapsedTime(_sent) > SendInterval) Flush();
                return true;
            }
        }

        private static long Microseconds(long from, long to) => (long)Stopwatch.GetElapsedTime(from, to).TotalMicroseconds;
    }
}

using HilTests.Agent.Execution;
using HilTests.Core.Devices.F2fs;
using HilTests.Core.Programs;
using HilTests.Core.Values;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.F2fs;

/// <summary>Runs f2fs programs: one disk, one mount point, one tracing instance; all of it goes at the end.</summary>
internal sealed class F2fsExecutor : DeviceExecutor
{
    private const uint Nobody = 65534;

    /// <summary>What the agent records for a step on files without a mounted file system.</summary>
    private const string NotMounted = "ENODEV";
    private readonly string _mountPoint = Path.Combine(Path.GetTempPath(), $"hil-f2fs-{Environment.ProcessId}");
    private Disk? _disk;
    private SpaceReader? _space;
    private TraceInstance? _trace;
    private NeighbourMount? _neighbour;
    private bool _mounted;
    private int _step;

    /// <inheritdoc/>
    public override void Execute(Step step, StepRecorder recorder)
    {
        _step++;
        if (step is TraceReadStep)
        {
            ReadTrace(recorder);
            return;
        }
        _trace?.Mark($"hil begin {_step}");
        Run(step, recorder);
        if (step is MountStep or RemountStep or FitrimStep or SyncStep or DrainStep) RecordSpace(recorder);
        _trace?.Mark($"hil end {_step}");
    }

    private void Run(Step step, StepRecorder recorder)
    {
        switch (step)
        {
            case DiskStep disk:
                MakeDisk(disk, recorder);
                break;
            case NeighbourStep:
                if (_neighbour is not null) throw new AgentFailureException("a program has one second file system");
                _neighbour = NeighbourMount.Make(_mountPoint + "-2");
                recorder.Errno(null);
                break;
            case NeighbourWriteStep write:
                var neighbour = _neighbour ?? throw new AgentFailureException("there is no second file system yet: a 'neighbour' step must come first");
                recorder.Errno(ErrorName.Of(neighbour.Write(write.Length)));
                break;
            case MkfsStep:
                Mkfs(recorder);
                break;
            case MountStep mount:
                Mount(mount.Options, recorder);
                break;
            case RemountStep remount:
                recorder.Errno(ErrorName.Of(Sys.Check(libc.mount(null, _mountPoint, null, mount_h.MS_REMOUNT, remount.Options), "mount").Error));
                break;
            case UmountStep:
                Umount(recorder);
                break;
            case DropCachesStep:
                recorder.Errno(ErrorName.Of(KernelFile.Write("/proc/sys/vm/drop_caches", "3")));
                break;
            case FitrimStep when !_mounted:
                recorder.Errno(NotMounted);
                break;
            case FitrimStep fitrim:
                Fitrim(fitrim, recorder);
                break;
            case PassStep pass:
                Pass(pass.Milliseconds, recorder);
                break;
            case TraceStartStep:
                StartTrace(recorder);
                break;
            default:
                if (!TryRunStatistics(step, recorder)) RunFile(step, recorder);
                break;
        }
    }

    private bool TryRunStatistics(Step step, StepRecorder recorder)
    {
        switch (step)
        {
            case IostatStep iostat:
                recorder.Errno(ErrorName.Of(KernelFile.Write(Attribute("iostat_enable"), iostat.Enable ? "1" : "0")));
                return true;
            case IostatPeriodStep period:
                recorder.Errno(ErrorName.Of(KernelFile.Write(Attribute("iostat_period_ms"), period.Milliseconds.ToString())));
                return true;
            case SetAttributeStep set:
                recorder.Errno(ErrorName.Of(KernelFile.Write(Attribute(set.Name), set.Content)));
                return true;
            case ReadAttributeStep get:
                var error = KernelFile.Read(Attribute(get.Name), out var content);
                recorder.Errno(ErrorName.Of(error));
                if (error == Errno.None) recorder.Field("content", Value.Text(content.TrimEnd('\n')));
                return true;
            case ReadIostatInfoStep:
                recorder.Errno(ErrorName.Of(KernelFile.Read(IostatInfo, out var text)));
                recorder.Lines(text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
                return true;
            default:
                return false;
        }
    }

    private void RunFile(Step step, StepRecorder recorder)
    {
        if (!_mounted)
        {
            // Nothing may be written below the empty mount point; a mount that failed is the finding, not this step.
            recorder.Errno(NotMounted);
            return;
        }
        switch (step)
        {
            case WriteStep write:
                MountedFiles.Write(PathOf(write.File), write.Offset, write.Length, write.Seed, direct: false, recorder);
                break;
            case WriteDirectStep write:
                MountedFiles.Write(PathOf(write.File), write.Offset, write.Length, write.Seed, direct: true, recorder);
                break;
            case ReadStep read:
                MountedFiles.Read(PathOf(read.File), read.Direct, recorder);
                break;
            case FsyncStep fsync:
                MountedFiles.Fsync(PathOf(fsync.File), recorder);
                break;
            case WritebackStep writeback:
                MountedFiles.Writeback(PathOf(writeback.File), recorder);
                break;
            case SyncStep:
                MountedFiles.Sync(PathOf("."), recorder);
                break;
            case DeleteStep delete:
                MountedFiles.Delete(PathOf(delete.File), recorder);
                break;
            case TruncateStep truncate:
                MountedFiles.Truncate(PathOf(truncate.File), truncate.Length, recorder);
                break;
            default:
                RunChange(step, recorder);
                break;
        }
    }

    private void RunChange(Step step, StepRecorder recorder)
    {
        switch (step)
        {
            case WriteMappedStep write:
                ChangedFiles.WriteMapped(PathOf(write.File), write, recorder);
                break;
            case FdatasyncStep fdatasync:
                ChangedFiles.Fdatasync(PathOf(fdatasync.File), recorder);
                break;
            case CheckpointStep:
                ChangedFiles.Checkpoint(PathOf("."), recorder);
                break;
            case FallocateStep fallocate:
                ChangedFiles.Fallocate(PathOf(fallocate.File), fallocate, recorder);
                break;
            case RenameStep rename:
                ChangedFiles.Rename(PathOf(rename.File), PathOf(rename.To), recorder);
                break;
            case CollectStep:
                ChangedFiles.Collect(PathOf("."), recorder);
                break;
            case WriteAtomicStep write:
                ChangedFiles.WriteAtomic(PathOf(write.File), write, recorder);
                break;
            case TrimBesideStep beside:
                ChangedFiles.TrimBeside(PathOf("."), PathOf(beside.File), beside, recorder);
                break;
            case DrainStep drain:
                Drain(drain, recorder);
                break;
            case CrashStep:
                Crash(recorder);
                break;
            default:
                throw new AgentFailureException($"this agent cannot run a {step.GetType().Name}");
        }
    }

    private void Crash(StepRecorder recorder)
    {
        TheDisk.FlushNoMore();
        using (var root = FileDescriptor.Open(PathOf("."), fcntl_h.O_RDONLY | fcntl_h.O_DIRECTORY | fcntl_h.O_CLOEXEC).OrThrow("open the mount point"))
            StopWriting(root);
        Sys.Check(libc.umount2(_mountPoint, 0), "umount2", _mountPoint).OrThrow("unmount what was stopped");
        _mounted = false;
        TheDisk.CutPower();
        recorder.Errno(null);
    }

    private static unsafe void StopWriting(FileDescriptor root)
    {
        uint how = f2fs_h.F2FS_GOING_DOWN_NOSYNC;
        Sys.Check(libc.ioctl(root, f2fs_h.F2FS_IOC_SHUTDOWN, &how), "F2FS_IOC_SHUTDOWN").OrThrow("stop the file system");
    }

    /// <summary>Looks every 10 ms; as long as commands go out, the time begins anew.</summary>
    private void Drain(DrainStep step, StepRecorder recorder)
    {
        const int Look = 10;
        var pending = Pending();
        for (var idle = 0; pending != 0 && idle < step.Milliseconds; idle += Look)
        {
            Sleep(Look);
            var now = Pending();
            if (now < pending) idle = 0;
            pending = now;
        }
        recorder.Errno(null);
        recorder.Field("pending", pending);
    }

    private long Pending() => long.Parse(KernelFile.MustRead(Attribute("pending_discard"), "see what is left to discard"));

    private Disk TheDisk => _disk ?? throw new AgentFailureException("the program has no disk yet: a 'disk' step must come first");

    private string IostatInfo => $"/proc/fs/f2fs/{TheDisk.Name}/iostat_info";

    private string Attribute(string name) => $"/sys/fs/f2fs/{TheDisk.Name}/{name}";

    private string PathOf(string file) => Path.Combine(_mountPoint, file);

    private void MakeDisk(DiskStep step, StepRecorder recorder)
    {
        if (_disk is not null) throw new AgentFailureException("a program has one disk");
        _disk = Disk.Make(step);
        recorder.Errno(null);
        recorder.Field("name", Value.Text(_disk.Name));
        RecordNumber(recorder);
        recorder.Field("discard-granularity", long.Parse(KernelFile.MustRead($"/sys/block/{_disk.Name}/queue/discard_granularity", "read the disk's limits")));
        recorder.Field("discard-max-bytes", long.Parse(KernelFile.MustRead($"/sys/block/{_disk.Name}/queue/discard_max_bytes", "read the disk's limits")));
    }

    private void RecordNumber(StepRecorder recorder)
    {
        var number = TheDisk.Number.Split(':');
        recorder.Field("major", long.Parse(number[0]));
        recorder.Field("minor", long.Parse(number[1]));
    }

    private void Mkfs(StepRecorder recorder)
    {
        FormatImage.Of(TheDisk.Bytes).WriteTo(TheDisk.Node);
        recorder.Errno(null);
        RecordHoles(recorder);
        _space = SpaceReader.Of(TheDisk.Node);
        recorder.Field("main-start", _space.Start);
        recorder.Field("main-segments", _space.Segments);
        recorder.Field("segment-blocks", _space.SegmentBlocks);
        recorder.Field("section-segments", _space.SectionSegments);
        recorder.Field("checkpoint-start", _space.Checkpoints);
        recorder.Field("checkpoint-end", _space.CheckpointsEnd);
    }

    private void RecordHoles(StepRecorder recorder)
    {
        if (_disk?.Holes() is { } holes) recorder.Field("holes", BlockRanges.ToValue(holes));
    }

    /// <summary>Which blocks are in use, and a mark in the trace: what the trace has before it had happened by then.</summary>
    private void RecordSpace(StepRecorder recorder)
    {
        if (_trace is null || !_mounted || _space is null) return;
        _trace.Mark($"hil space {_step}");
        if (_space.Valid(TheDisk.Name) is { } valid) recorder.Field("valid", BlockRanges.ToValue(valid));
    }

    private void Mount(string options, StepRecorder recorder)
    {
        Directory.CreateDirectory(_mountPoint);
        var mounted = Sys.Check(libc.mount(TheDisk.Node, _mountPoint, "f2fs", 0, options), "mount");
        _mounted |= mounted.Ok;
        recorder.Errno(ErrorName.Of(mounted.Error));
    }

    private void Umount(StepRecorder recorder)
    {
        Directory.CreateDirectory(_mountPoint);
        var unmounted = Sys.Check(libc.umount2(_mountPoint, 0), "umount2");
        if (unmounted.Ok) _mounted = false;
        recorder.Errno(ErrorName.Of(unmounted.Error));
    }

    private unsafe void Fitrim(FitrimStep step, StepRecorder recorder)
    {
        using var folder = FileDescriptor.Open(PathOf("."), fcntl_h.O_RDONLY | fcntl_h.O_DIRECTORY | fcntl_h.O_CLOEXEC).OrThrow("open the mount point");
        var before = TheDisk.Discards();
        var range = new fstrim_range { start = step.Start, len = step.Length, minlen = step.MinLength };
        if (!step.Privileged) Sys.Check(libc.syscall(sys_syscall_h.SYS_setresuid, -1, (nint)Nobody, -1, 0, 0, 0), "setresuid").OrThrow("give up privileges");
        var trimmed = Sys.Check(libc.ioctl(folder, fs_h.FITRIM, &range), "FITRIM");
        if (!step.Privileged) Sys.Check(libc.syscall(sys_syscall_h.SYS_setresuid, -1, 0, -1, 0, 0, 0), "setresuid").OrThrow("take privileges back");
        var after = TheDisk.Discards();
        recorder.Errno(ErrorName.Of(trimmed.Error));
        recorder.Field("len", unchecked((long)range.len));
        recorder.Field("discard-ios", after.Ios - before.Ios);
        recorder.Field("discard-sectors", after.Sectors - before.Sectors);
    }

    private static void Pass(int milliseconds, StepRecorder recorder)
    {
        Sleep(milliseconds);
        recorder.Errno(null);
    }

    private static unsafe void Sleep(int milliseconds)
    {
        var left = new timespec { tv_sec = milliseconds / 1000, tv_nsec = milliseconds % 1000 * 1_000_000L };
        while (libc.nanosleep(&left, &left) != 0 && Sys.LastError == Errno.EINTR)
        {
        }
    }

    private void StartTrace(StepRecorder recorder)
    {
        if (_trace is not null) throw new AgentFailureException("the trace has been started already");
        _trace = new TraceInstance(_disk?.Number);
        _trace.Mark($"hil begin {_step}");
        recorder.Errno(null);
        recorder.Field("refused", Value.List(_trace.Refused.Select(Value.Text)));
        recorder.Field("origins", Value.Symbol(_trace.ShowsOrigins ? "yes" : "no"));
    }

    private void ReadTrace(StepRecorder recorder)
    {
        var trace = _trace ?? throw new AgentFailureException("the trace was never started");
        trace.Mark($"hil begin {_step}");
        if (_mounted && KernelFile.Read(IostatInfo, out var info) == Errno.None) recorder.Field("iostat-info", Value.Text(info));
        RecordHoles(recorder);
        RecordSpace(recorder);
        trace.Mark($"hil end {_step}");
        var lines = trace.TakeLines();
        var (overrun, dropped) = trace.Lost();
        recorder.Errno(null);
        if (_disk is not null) RecordNumber(recorder);
        recorder.Field("overrun", overrun);
        recorder.Field("dropped", dropped);
        recorder.Lines(lines);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        var failures = new List<Exception>();
        Undo(failures, () => _trace?.Dispose());
        Undo(failures, () => _neighbour?.Dispose());
        Undo(failures, () =>
        {
            if (_mounted) Sys.Check(libc.umount2(_mountPoint, 0), "umount2", _mountPoint).OrThrow("unmount the program's file system");
        });
        Undo(failures, () => _disk?.Dispose());
        Undo(failures, () =>
        {
            if (Directory.Exists(_mountPoint)) Directory.Delete(_mountPoint);
        });
        if (failures.Count > 0) throw new AgentFailureException($"cleaning up failed: {string.Join("; ", failures.Select(f => f.Message))}", failures[0]);
    }

    private static void Undo(List<Exception> failures, Action undo)
    {
        try
        {
            undo();
        }
        catch (Exception e) when (e is AgentFailureException or SyscallException or IOException)
        {
            failures.Add(e);
        }
    }
}

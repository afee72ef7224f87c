using HilTests.Agent.Execution;
using HilTests.Core.Devices.F2fs;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.F2fs;

/// <summary>The steps that change files in other ways than write(2).</summary>
internal static unsafe class ChangedFiles
{
    private const uint ReadWrite = 0x1a4;

    public static void WriteMapped(string path, WriteMappedStep step, StepRecorder recorder) =>
        WithFile(path, fcntl_h.O_RDWR | fcntl_h.O_CREAT, recorder, file =>
        {
            stat status;
            Sys.Check(libc.fstat(file.Number, &status), "fstat", path).OrThrow("find the file's size");
            var end = step.Offset + step.Length;
            if (status.st_size < end)
            {
                var grown = Sys.Check(libc.ftruncate(file.Number, end), "ftruncate", path);
                if (!grown.Ok) return grown.Error;
            }
            var first = step.Offset / FileContent.BlockSize * FileContent.BlockSize;
            var length = (nuint)(end - first);
            var start = libc.mmap(null, length, sys_mman_h.PROT_READ | sys_mman_h.PROT_WRITE, sys_mman_h.MAP_SHARED, file.Number, first);
            var mapped = Sys.Check((nint)start, "mmap");
            if (!mapped.Ok) return mapped.Error;
            FileContent.Fill(new Span<byte>((byte*)start + (step.Offset - first), step.Length), step.Seed, step.Offset);
            var error = step.Sync ? Sys.Check(libc.msync(start, length, sys_mman_h.MS_SYNC), "msync", path).Error : Errno.None;
            Sys.Check(libc.munmap(start, length), "munmap").OrThrow("unmap a file");
            if (error == Errno.None) recorder.Field("written", step.Length);
            return error;
        });

    public static void Fdatasync(string path, StepRecorder recorder) =>
        WithFile(path, fcntl_h.O_RDONLY, recorder, file => Sys.Check(libc.fdatasync(file.Number), "fdatasync", path).Error);

    public static void Fallocate(string path, FallocateStep step, StepRecorder recorder) =>
        WithFile(path, fcntl_h.O_RDWR, recorder, file => Sys.Check(libc.fallocate(file.Number, ModeOf(step.Change), step.Offset, step.Length), "fallocate", path).Error);

    public static void Rename(string path, string to, StepRecorder recorder) =>
        recorder.Errno(ErrorName.Of(Sys.Check(libc.rename(path, to), "rename", path).Error));

    public static void Checkpoint(string folder, StepRecorder recorder) =>
        WithFile(folder, fcntl_h.O_RDONLY | fcntl_h.O_DIRECTORY, recorder, file => Sys.Check(libc.ioctl(file, f2fs_h.F2FS_IOC_WRITE_CHECKPOINT, null), "F2FS_IOC_WRITE_CHECKPOINT").Error);

    public static void Collect(string folder, StepRecorder recorder) =>
        WithFile(folder, fcntl_h.O_RDONLY | fcntl_h.O_DIRECTORY, recorder, file =>
        {
            uint sync = 1;
            return Sys.Check(libc.ioctl(file, f2fs_h.F2FS_IOC_GARBAGE_COLLECT, &sync), "F2FS_IOC_GARBAGE_COLLECT").Error;
        });

    public static void WriteAtomic(string path, WriteAtomicStep step, StepRecorder recorder) =>
        WithFile(path, fcntl_h.O_RDWR, recorder, file =>
        {
            var started = Sys.Check(libc.ioctl(file, f2fs_h.F2FS_IOC_START_ATOMIC_WRITE, null), "F2FS_IOC_START_ATOMIC_WRITE");
            if (!started.Ok) return started.Error;
            var bytes = new byte[step.Length];
            FileContent.Fill(bytes, step.Seed, step.Offset);
            fixed (byte* start = bytes)
            {
                var wrote = Sys.Check(libc.pwrite(file.Number, start, (nuint)bytes.Length, step.Offset), "pwrite", path);
                if (!wrote.Ok) return wrote.Error;
                recorder.Field("written", wrote.Value);
            }
            return step.Commit
                ? Sys.Check(libc.ioctl(file, f2fs_h.F2FS_IOC_COMMIT_ATOMIC_WRITE, null), "F2FS_IOC_COMMIT_ATOMIC_WRITE").Error
                : Sys.Check(libc.ioctl(file, f2fs_h.F2FS_IOC_ABORT_ATOMIC_WRITE, null), "F2FS_IOC_ABORT_ATOMIC_WRITE").Error;
        });

    /// <summary>FITRIM of everything, again and again, while another thread writes and syncs the file's beginning.</summary>
    public static void TrimBeside(string folder, string path, TrimBesideStep step, StepRecorder recorder)
    {
        var opened = FileDescriptor.Open(path, fcntl_h.O_RDWR | fcntl_h.O_CREAT | fcntl_h.O_CLOEXEC, ReadWrite);
        if (!opened.Ok)
        {
            recorder.Errno(ErrorName.Of(opened.Error));
            return;
        }
        using var file = opened.Value;
        using var root = FileDescriptor.Open(folder, fcntl_h.O_RDONLY | fcntl_h.O_DIRECTORY | fcntl_h.O_CLOEXEC).OrThrow("open the mount point");
        var written = 0L;
        var failed = Errno.None;
        var trimming = true;
        var writer = new Thread(() =>
        {
            var bytes = new byte[step.Length];
            FileContent.Fill(bytes, step.Seed, 0);
            for (var round = 0; failed == Errno.None && (round < step.Rounds || Volatile.Read(ref trimming)); round++)
            {
                fixed (byte* start = bytes)
                {
                    var wrote = Sys.Check(libc.pwrite(file.Number, start, (nuint)bytes.Length, 0), "pwrite", path);
                    (written, failed) = (wrote.Ok ? wrote.Value : 0, wrote.Error);
                }
                if (failed == Errno.None && round % 2 == 0) failed = Sys.Check(libc.fsync(file.Number), "fsync", path).Error;
            }
        });
        writer.Start();
        var trims = 0;
        for (var round = 0; round < step.Rounds; round++)
        {
            var range = new fstrim_range { start = 0, len = ulong.MaxValue, minlen = 0 };
            if (Sys.Check(libc.ioctl(root, fs_h.FITRIM, &range), "FITRIM").Ok) trims++;
        }
        Volatile.Write(ref trimming, false);
        writer.Join();
        recorder.Errno(ErrorName.Of(failed));
        recorder.Field("written", written);
        recorder.Field("trims", trims);
    }

    private static int ModeOf(RangeChange change) => change switch
    {
        RangeChange.ReserveKeep => falloc_h.FALLOC_FL_KEEP_SIZE,
        RangeChange.Punch => falloc_h.FALLOC_FL_PUNCH_HOLE | falloc_h.FALLOC_FL_KEEP_SIZE,
        RangeChange.Zero => falloc_h.FALLOC_FL_ZERO_RANGE,
        RangeChange.Collapse => falloc_h.FALLOC_FL_COLLAPSE_RANGE,
        RangeChange.Insert => falloc_h.FALLOC_FL_INSERT_RANGE,
        _ => 0,
    };

    private static void WithFile(string path, int flags, StepRecorder recorder, Func<FileDescriptor, Errno> act)
    {
        var opened = FileDescriptor.Open(path, flags | fcntl_h.O_CLOEXEC, ReadWrite);
        var error = opened.Error;
        if (opened.Ok)
        {
            using var file = opened.Value;
            error = act(file);
        }
        recorder.Errno(ErrorName.Of(error));
    }
}

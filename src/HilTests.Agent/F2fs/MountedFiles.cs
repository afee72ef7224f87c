using System.Runtime.InteropServices;
using HilTests.Agent.Execution;
using HilTests.Core;
using HilTests.Core.Devices.F2fs;
using HilTests.Core.Values;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.F2fs;

/// <summary>The steps that work on files of the mounted file system.</summary>
internal static unsafe class MountedFiles
{
    private const uint SyncFileRangeWrite = fs_h.SYNC_FILE_RANGE_WRITE;
    private const int ReadChunk = 1 << 20;

    public static void Write(string path, long offset, int length, ulong seed, bool direct, StepRecorder recorder)
    {
        var flags = fcntl_h.O_WRONLY | fcntl_h.O_CREAT | (direct ? fcntl_h.O_DIRECT : 0);
        WithFile(path, flags, recorder, file =>
        {
            using var buffer = new AlignedBuffer(length);
            FileContent.Fill(buffer.Bytes, seed, offset);
            var wrote = Sys.Check(libc.pwrite(file.Number, buffer.Start, (nuint)length, offset), "pwrite", path);
            if (wrote.Ok) recorder.Field("written", wrote.Value);
            return wrote.Error;
        });
    }

    public static void Read(string path, bool direct, StepRecorder recorder) =>
        WithFile(path, fcntl_h.O_RDONLY | (direct ? fcntl_h.O_DIRECT : 0), recorder, file =>
        {
            using var buffer = new AlignedBuffer(ReadChunk);
            var blocks = new List<Value>();
            long length = 0;
            stat status;
            Sys.Check(libc.fstat(file.Number, &status), "fstat", path).OrThrow("find the file's size");
            var size = status.st_size;
            while (true)
            {
                // Direct reads stop at the last block: f2fs counts what was asked for, also beyond the end.
                var wanted = direct ? Math.Min(ReadChunk, WholeBlocks(size - length)) : ReadChunk;
                if (wanted == 0) break;
                var got = Sys.Check(libc.pread(file.Number, buffer.Start, (nuint)wanted, length), "pread", path);
                if (!got.Ok) return got.Error;
                if (got.Value == 0) break;
                for (var at = 0; at < got.Value; at += FileContent.BlockSize)
                    blocks.Add(Value.Hex(ContentDigest.Of(buffer.Bytes.Slice(at, (int)Math.Min(FileContent.BlockSize, got.Value - at)))));
                length += got.Value;
                // A short read in the middle of a block would shift the digests; files here are read in whole blocks.
                if (got.Value % FileContent.BlockSize != 0) break;
            }
            recorder.Field("length", length);
            recorder.Field("blocks", Value.List(blocks));
            return Errno.None;
        });

    public static void Fsync(string path, StepRecorder recorder) =>
        WithFile(path, fcntl_h.O_RDONLY, recorder, file => Sys.Check(libc.fsync(file.Number), "fsync", path).Error);

    public static void Writeback(string path, StepRecorder recorder) =>
        WithFile(path, fcntl_h.O_RDONLY, recorder, file => Sys.Check(libc.sync_file_range(file.Number, 0, 0, SyncFileRangeWrite), "sync_file_range", path).Error);

    public static void Truncate(string path, long length, StepRecorder recorder) =>
        WithFile(path, fcntl_h.O_WRONLY, recorder, file => Sys.Check(libc.ftruncate(file.Number, length), "ftruncate", path).Error);

    public static void Sync(string folder, StepRecorder recorder) =>
        WithFile(folder, fcntl_h.O_RDONLY | fcntl_h.O_DIRECTORY, recorder, file => Sys.Check(libc.syncfs(file.Number), "syncfs", folder).Error);

    public static void Delete(string path, StepRecorder recorder) =>
        recorder.Errno(ErrorName.Of(Sys.Check(libc.unlink(path), "unlink", path).Error));

    private static long WholeBlocks(long bytes) => (bytes + FileContent.BlockSize - 1) / FileContent.BlockSize * FileContent.BlockSize;

    private static void WithFile(string path, int flags, StepRecorder recorder, Func<FileDescriptor, Errno> act)
    {
        var opened = FileDescriptor.Open(path, flags | fcntl_h.O_CLOEXEC, 0x1a4);
        var error = opened.Error;
        if (opened.Ok)
        {
            using var file = opened.Value;
            error = act(file);
        }
        recorder.Errno(ErrorName.Of(error));
    }

    /// <summary>Memory at a page boundary, as O_DIRECT wants it.</summary>
    private sealed class AlignedBuffer(int length) : IDisposable
    {
        public void* Start { get; private set; } = NativeMemory.AlignedAlloc((nuint)length, FileContent.BlockSize);

        public Span<byte> Bytes => new(Start, length);

        public void Dispose()
        {
            NativeMemory.AlignedFree(Start);
            Start = null;
        }
    }
}

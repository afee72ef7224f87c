using System.Diagnostics;
using System.Globalization;
using System.Text;
using HilTests.Lab.Images;

namespace HilTests.UnitTests.Images;

[TestFixture]
public sealed class CpioWriterTests
{
    [Test]
    public void Every_entry_comes_back_with_its_mode_and_content()
    {
        var entries = Parse(Write(cpio =>
        {
            cpio.CharacterDevice("dev/console", 5, 1);
            cpio.File("/bin/tool", "abcde"u8, 0x1ed);
            cpio.Link("/bin/sh", "tool");
            cpio.Text("etc/hil/knobs", "a b\n");
        }));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(entries.Select(e => e.Name), Is.EqualTo(new[] { "dev", "dev/console", "bin", "bin/tool", "bin/sh", "etc", "etc/hil", "etc/hil/knobs" }));
            Assert.That(entries.Single(e => e.Name == "bin/tool"), Is.EqualTo(new Entry("bin/tool", 0x81ed, "abcde", 0, 0)));
            Assert.That(entries.Single(e => e.Name == "bin/sh"), Is.EqualTo(new Entry("bin/sh", 0xa1ff, "tool", 0, 0)));
            Assert.That(entries.Single(e => e.Name == "dev/console"), Is.EqualTo(new Entry("dev/console", 0x2180, "", 5, 1)));
            Assert.That(entries.Single(e => e.Name == "etc/hil").Mode, Is.EqualTo(0x41ed));
        }
    }

    [FsCheck.NUnit.Property]
    public bool Content_of_any_length_keeps_the_archive_in_step(byte[][] contents)
    {
        string[] texts = [.. (contents ?? []).Select(c => Convert.ToHexString(c ?? []))];
        var entries = Parse(Write(cpio =>
        {
            for (int i = 0; i < texts.Length; i++)
                cpio.File($"f{i}", Encoding.ASCII.GetBytes(texts[i]), 0x1a4);
        }));
        return entries.Select(e => e.Content).SequenceEqual(texts);
    }

    [Test]
    public void The_same_file_twice_is_one_entry_the_first()
    {
        var entries = Parse(Write(cpio =>
        {
            cpio.Text("x", "first");
            cpio.Text("/x", "second");
        }));
        Assert.That(entries, Is.EqualTo(new[] { new Entry("x", 0x81a4, "first", 0, 0) }));
    }

    [Test]
    public async Task Busybox_cpio_lists_what_was_written()
    {
        if (!File.Exists("/usr/bin/busybox") && !File.Exists("/bin/busybox"))
            Assert.Inconclusive("there is no busybox here to read the archive with; provisioning/install.sh installs it");
        byte[] archive = Write(cpio => cpio.Text("etc/hil/knobs", "text\n"));
        using var busybox = Process.Start(new ProcessStartInfo("busybox", ["cpio", "-t"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await busybox.StandardInput.BaseStream.WriteAsync(archive);
        busybox.StandardInput.Close();
        string listed = await busybox.StandardOutput.ReadToEndAsync();
        await busybox.WaitForExitAsync();
        Assert.That(listed.Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(new[] { "etc", "etc/hil", "etc/hil/knobs" }));
    }

    private static byte[] Write(Action<CpioWriter> fill)
    {
        using var stream = new MemoryStream();
        var cpio = new CpioWriter(stream);
        fill(cpio);
        cpio.Finish();
        return stream.ToArray();
    }

    // Reads the format as the kernel's init/initramfs.c does: 13 fields of 8 hexadecimal digits after the magic.
    private static List<Entry> Parse(byte[] archive)
    {
        var entries = new List<Entry>();
        int at = 0;
        while (true)
        {
            Assert.That(Encoding.ASCII.GetString(archive, at, 6), Is.EqualTo("070701"), $"magic at byte {at}");
            int[] f = [.. Enumerable.Range(0, 13).Select(i => int.Parse(Encoding.ASCII.GetString(archive, at + 6 + (8 * i), 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
            string name = Encoding.UTF8.GetString(archive, at + 110, f[11] - 1);
            int content = Align(at + 110 + f[11]);
            if (name == "TRAILER!!!")
                return entries;
            entries.Add(new Entry(name, f[1], Encoding.UTF8.GetString(archive, content, f[6]), f[9], f[10]));
            at = Align(content + f[6]);
        }
    }

    private static int Align(int position) => (position + 3) & ~3;

    private sealed record Entry(string Name, int Mode, string Content, int Major, int Minor);
}

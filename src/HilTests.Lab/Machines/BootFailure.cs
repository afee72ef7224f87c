namespace HilTests.Lab.Machines;

/// <summary>Says what a VM that did not come up is likely to lack, from its console.</summary>
internal static class BootFailure
{
    private static readonly string[] NoFirstProcess = ["No working init found", "VFS: Unable to mount root fs", "Failed to execute /init"];

    /// <returns>A sentence with what to do, after a blank; empty where the console does not tell.</returns>
    public static string Explain(string console)
    {
        if (NoFirstProcess.Any(mark => console.Contains(mark, StringComparison.Ordinal)))
        {
            return " The image holds no agent that this kernel can start (/init): the kernel needs CONFIG_BLK_DEV_INITRD, CONFIG_BINFMT_ELF " +
                "and 64-bit programs; an image that lost its agent is built anew when its folder in the cache's images/ is removed.";
        }
        if (console.Contains("hil-agent: fatal:", StringComparison.Ordinal))
            return " The agent started and gave up; its reason stands on the console.";
        if (console.Contains("module-failed path=/lib/modules/virtio", StringComparison.Ordinal))
            return " The agent started, but the modules of its channel did not load: do they belong to this very kernel?";
        if (console.Trim().Length == 0)
            return " The console stayed empty: QEMU could not start this kernel, or it has no serial console (CONFIG_SERIAL_8250_CONSOLE).";
        return "";
    }
}

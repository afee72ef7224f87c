namespace HilTests.Agent.Boot;

/// <summary>
/// The machine starts with one processor (<c>maxcpus=1</c>): start-up and module loading patch code, and under TCG
/// every patch makes all processors wait for each other. The others join when that is over.
/// </summary>
internal static class Processors
{
    private const string Folder = "/sys/devices/system/cpu";

    public static void BringUp()
    {
        foreach (string cpu in Directory.EnumerateDirectories(Folder, "cpu?").Concat(Directory.EnumerateDirectories(Folder, "cpu??")))
        {
            string online = Path.Combine(cpu, "online");
            if (!File.Exists(online) || File.ReadAllText(online).Trim() == "1")
                continue;
            try
            {
                using var file = new FileStream(online, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
                file.Write("1"u8);
            }
            catch (IOException e)
            {
                KernelLog.Write(3, $"{cpu} did not come up: {e.Message}");
            }
        }
    }
}

namespace HilTests.Cli;

internal static class EntryPoint
{
    private static async Task<int> Main(string[] args)
    {
        using var interruption = new Interruption();
        return await CommandLine.InvokeAsync(args, interruption.Token).ConfigureAwait(false);
    }
}

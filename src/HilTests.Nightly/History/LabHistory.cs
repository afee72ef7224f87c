using HilTests.Nightly.Nights;

namespace HilTests.Nightly.History;

/// <summary>The history of a lab, opened so that every night that is over is in it.</summary>
public static class LabHistory
{
    /// <summary>
    /// Opens it. A damaged one is put aside, the newest whole backup takes its place, and the nights that it lacks are read again from their folders; so are
    /// nights that ended without being added.
    /// </summary>
    /// <exception cref="NightException">It is from a newer version, or no history.</exception>
    public static HistoryStore Open(LabFolder lab, Action<string> note)
    {
        HistoryStore history;
        try
        {
            history = HistoryFile.Open(lab.HistoryFile);
        }
        catch (NightException e) when (e.IsHistoryDamaged)
        {
            var (kept, backup) = HistoryFile.Restore(lab.HistoryFile);
            note($"{e.Message}. It is kept as {kept}; {(backup is null ? "there is no backup, and the history is made again from the nights' folders" : $"{backup} takes its place")}");
            history = HistoryFile.Open(lab.HistoryFile);
        }
        foreach (var (number, folder) in lab.Nights())
        {
            if (history.Has(number)) continue;
            var night = NightRecord.Read(folder);
            if (!night.IsClosed) continue;
            history.Add(night);
            note($"night {number} was read into the history");
        }
        return history;
    }
}

namespace HilTests.Models.F2fs.Space;

/// <summary>What the disk did during one step, and what the model says of it.</summary>
internal sealed class SpaceStep(long blocks)
{
    /// <summary>Blocks that the disk discarded.</summary>
    public BlockSet Discarded { get; } = new(blocks);

    /// <summary>Blocks that f2fs said it discards.</summary>
    public BlockSet Issued { get; } = new(blocks);

    /// <summary>Blocks written during it.</summary>
    public BlockSet Written { get; } = new(blocks);

    /// <summary>Blocks written after the first discard of the step: whether they were free for it, nobody can say.</summary>
    public BlockSet WrittenLate { get; } = new(blocks);

    /// <summary>Blocks that must not be discarded in it: in use, or held by the last checkpoint.</summary>
    public BlockSet Forbidden { get; } = new(blocks);

    /// <summary>Whether a checkpoint was written during it.</summary>
    public bool Checkpointed { get; set; }

    /// <summary>Whether it wrote or discarded anything.</summary>
    public bool Moved { get; set; }

    /// <summary>Whether anything was discarded.</summary>
    public bool AnyDiscard { get; set; }

    /// <summary>Whether what must be discarded should have been long before.</summary>
    public bool Late { get; set; }

    /// <summary>What must be discarded in it and what may; null where the model does not say.</summary>
    public (BlockSet Least, BlockSet Most)? Expected { get; set; }
}

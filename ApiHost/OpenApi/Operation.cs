namespace OrleansBilling.ApiHost.OpenApi;

/// <summary>A route as the API's document tells of it.</summary>
/// <param name="Method">The HTTP method, in capitals.</param>
/// <param name="Path">The address, as mapped.</param>
/// <param name="Id">A name for generated clients.</param>
/// <param name="Summary">What it does, in a line.</param>
internal sealed record Operation(string Method, string Path, string Id, string Summary)
{
    /// <summary>The group it stands in.</summary>
    public string Tag { get; init; } = "";

    /// <summary>What else is to be known.</summary>
    public string? Description { get; init; }

    /// <summary>Whose key it takes; null where it takes none.</summary>
    public string? Needs { get; init; }

    /// <summary>The scope that the key needs; null where any will do.</summary>
    public string? Scope { get; init; }

    /// <summary>The body that it takes.</summary>
    public Form? Body { get; init; }

    /// <summary>The parameters of the address after the question mark.</summary>
    public string[] Query { get; init; } = [];

    /// <summary>What an answer of success looks like.</summary>
    public required Type Answer { get; init; }

    /// <summary>The HTTP status of success.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>Statuses of refusals, beside 401, 403 and 503, which every route with a key may give.</summary>
    public int[] Refusals { get; init; } = [];

    /// <summary>Whether the answer has an ETag, and is not sent to whoever has it already.</summary>
    public bool Tagged { get; init; }

    /// <summary>Whether it can answer with CSV.</summary>
    public bool Csv { get; init; }
}

/// <summary>A body that a route takes.</summary>
/// <param name="Members">Its members' names; <see cref="Member"/> says what each holds.</param>
/// <param name="Example">A body as JSON.</param>
internal sealed record Form(string[] Members, string Example)
{
    /// <summary>Those that have to be there.</summary>
    public string[] Required { get; init; } = [];

    /// <summary>Whether null takes a member's value away.</summary>
    public bool Merge { get; init; }

    /// <summary>Members that hold something else here than elsewhere.</summary>
    public Member[] Instead { get; init; } = [];
}

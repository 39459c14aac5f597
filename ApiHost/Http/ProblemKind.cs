namespace OrleansBilling.ApiHost.Http;

/// <summary>
/// A kind of problem that no grain's outcome stands for. All there are stand here; <see cref="OutcomeMap"/> has those of grains,
/// and docs/errors.md lists both.
/// </summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The stable code, in snake_case.</param>
/// <param name="Title">The same sentence for every occurrence.</param>
internal sealed record ProblemKind(int Status, string Code, string Title)
{
    /// <summary>Credentials are missing.</summary>
    public static readonly ProblemKind KeyMissing = new(401, "key_missing", "A valid API key is needed.");

    /// <summary>The key proves nothing.</summary>
    public static readonly ProblemKind KeyInvalid = new(401, "key_invalid", "A valid API key is needed.");

    /// <summary>A field of another type, or out of its range.</summary>
    public static readonly ProblemKind Invalid = new(400, "invalid", "The request is not valid.");

    /// <summary>Not JSON.</summary>
    public static readonly ProblemKind MalformedJson = new(400, "malformed_json", "The request is not valid.");

    /// <summary>A member that the route does not have.</summary>
    public static readonly ProblemKind UnknownField = new(400, "unknown_field", "The request is not valid.");

    /// <summary>A member that stands twice.</summary>
    public static readonly ProblemKind DuplicateField = new(400, "duplicate_field", "The request is not valid.");

    /// <summary>A member that has to be there.</summary>
    public static readonly ProblemKind MissingField = new(400, "missing_field", "The request is not valid.");

    /// <summary>HTTP itself was not understood.</summary>
    public static readonly ProblemKind BadRequest = new(400, "bad_request", "The request could not be read.");

    /// <summary>More bytes than a body may have.</summary>
    public static readonly ProblemKind BodyTooLarge = new(413, "body_too_large", "The body is too large.");

    /// <summary>Another content type than JSON.</summary>
    public static readonly ProblemKind UnsupportedMediaType = new(415, "unsupported_media_type", "The body must be JSON.");

    /// <summary>No such address.</summary>
    public static readonly ProblemKind RouteNotFound = new(404, "route_not_found", "There is nothing at this address.");

    /// <summary>The address is there, for other methods.</summary>
    public static readonly ProblemKind MethodNotAllowed = new(405, "method_not_allowed", "This address does not take this method.");

    /// <summary>Refused by the server without a word of the product.</summary>
    public static readonly ProblemKind RequestRefused = new(400, "request_refused", "The request was refused.");

    /// <summary>A bug; the log has it.</summary>
    public static readonly ProblemKind InternalError = new(500, "internal_error", "The host failed; its log says why.");

    /// <summary>Too many requests without a good key came from one address.</summary>
    public static readonly ProblemKind TooManyBadKeys = new(429, "too_many_bad_keys", "Too many requests without a valid key came from this address.");

    /// <summary>Plain HTTP where HTTPS is required.</summary>
    public static readonly ProblemKind HttpsRequired = new(403, "https_required", "This host answers over HTTPS only.");

    /// <summary>A balance was asked for from before the account was opened.</summary>
    public static readonly ProblemKind NotOpenYet = new(404, "not_open_yet", "The account was not open at that moment.");

    /// <summary>A number beyond an account's last entry.</summary>
    public static readonly ProblemKind EntryNotFound = new(404, "entry_not_found", "There is no such entry.");

    /// <summary>No request under that id, or too long ago.</summary>
    public static readonly ProblemKind RequestNotFound = new(404, "request_not_found", "There is no such request.");

    /// <summary>The account has no profile, or it was erased.</summary>
    public static readonly ProblemKind ProfileNotFound = new(404, "profile_not_found", "There is no such profile.");

    /// <summary>No host of this database ever had such prices.</summary>
    public static readonly ProblemKind PriceVersionNotFound = new(404, "price_version_not_found", "There is no such version of the prices.");

    /// <summary>No such kind of grain.</summary>
    public static readonly ProblemKind GrainKindNotFound = new(404, "grain_kind_not_found", "There is no such kind of grain.");

    /// <summary>The grains live in the host itself.</summary>
    public static readonly ProblemKind NoCluster = new(409, "no_cluster", "This host keeps its grains itself.");

    /// <summary>No silo of that name.</summary>
    public static readonly ProblemKind SiloNotFound = new(404, "silo_not_found", "There is no such silo.");

    /// <summary>The silo is joining, leaving or dead.</summary>
    public static readonly ProblemKind SiloNotActive = new(409, "silo_not_active", "The silo is not active.");

    /// <summary>Nobody would be left.</summary>
    public static readonly ProblemKind LastSilo = new(409, "last_silo", "It is the last active silo.");

    /// <summary>The grain did not rest.</summary>
    public static readonly ProblemKind GrainBusy = new(409, "grain_busy", "Rows of the grain were under way all the time.");

    /// <summary>The cluster did not answer in time.</summary>
    public static readonly ProblemKind ClusterUnanswered = new(503, "cluster_unanswered", "The cluster did not answer in time.");

    /// <summary>Every kind, by code.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } =
    [
        .. typeof(ProblemKind).GetFields().Where(static f => f.FieldType == typeof(ProblemKind)).Select(static f => (ProblemKind)f.GetValue(null)!).OrderBy(static k => k.Code, StringComparer.Ordinal),
    ];

    /// <summary>What stands in problem details as their type; it is a name, not an address.</summary>
    /// <param name="code">The stable code.</param>
    public static string TypeOf(string code) => "urn:orleans-billing:problem:" + code;
}

using System.Text.Json.Serialization;
using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost;

/// <summary>How every response is written; made at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(Json.HealthResponse))]
[JsonSerializable(typeof(Json.VerifyResponse))]
[JsonSerializable(typeof(Json.Profile))]
[JsonSerializable(typeof(Json.ProfileResponse))]
[JsonSerializable(typeof(Json.BatchResponse))]
[JsonSerializable(typeof(Json.ChargeResponse))]
[JsonSerializable(typeof(Json.ReversalResponse))]
[JsonSerializable(typeof(Json.HoldResponse))]
[JsonSerializable(typeof(Json.ExtensionResponse))]
[JsonSerializable(typeof(Json.CaptureResponse))]
[JsonSerializable(typeof(Json.ReleaseResponse))]
[JsonSerializable(typeof(Json.ChangeResponse))]
[JsonSerializable(typeof(Json.OpenedResponse))]
[JsonSerializable(typeof(Json.CreditResponse))]
[JsonSerializable(typeof(Json.WalletResponse))]
[JsonSerializable(typeof(Json.TransactionsResponse))]
[JsonSerializable(typeof(Json.BalanceResponse))]
[JsonSerializable(typeof(Json.AccountResponse))]
[JsonSerializable(typeof(Json.AccountsResponse))]
[JsonSerializable(typeof(Json.AuditResponse))]
[JsonSerializable(typeof(Json.RequestResponse))]
[JsonSerializable(typeof(Json.KeysResponse))]
[JsonSerializable(typeof(Json.KeyResponse))]
[JsonSerializable(typeof(Json.NewKeyResponse))]
[JsonSerializable(typeof(Json.ClusterResponse))]
[JsonSerializable(typeof(Json.GrainResponse))]
[JsonSerializable(typeof(Json.PlacedResponse))]
[JsonSerializable(typeof(Json.DrainResponse))]
[JsonSerializable(typeof(Json.ChangedKeyResponse))]
internal sealed partial class ApiJson : JsonSerializerContext;

/* SPDX-License-Identifier: BSD-3-Clause */
/* Made by bench/peers/freeze_knn.py with scikit-learn 1.9.1; not to be edited. */
#ifndef AZ_FROZEN_KNN_H
#define AZ_FROZEN_KNN_H

#include <stdint.h>

static const int64_t knn_iris_none_uniform_2_rows[] = {
    0, 5, 15, 20, 55, 60, 70, 75, 90, 95, 105, 110, 120, 125, 135, 145,
};
static const double knn_iris_none_uniform_2_expected[] = {
    1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.2, 0.8, 0.0, 1.0,
    0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.2, 0.8, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0,
    0.0, 1.0,
};
static const int64_t knn_iris_none_distance_2_rows[] = {
    0, 5, 20, 25, 45, 50, 65, 70, 80, 85, 100, 105, 120, 125, 135, 145,
};
static const double knn_iris_none_distance_2_expected[] = {
    1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0,
    0.3197108156502884, 0.6802891843497118, 0.0, 1.0, 0.0, 0.0, 0.8716704276072497, 0.1283295723927503, 0.0, 0.0, 1.0,
    0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0,
};
static const int64_t knn_iris_none_distance_1_rows[] = {
    0, 15, 30, 35, 50, 55, 60, 70, 75, 95, 100, 105, 110, 130, 145,
};
static const double knn_iris_none_distance_1_expected[] = {
    1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0,
    0.12485136741973855, 0.8751486325802614, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0,
    0.15000000000000016, 0.8499999999999998, 0.0, 0.0, 1.0, 0.0, 0.14131897711978472, 0.8586810228802153,
};
static const int64_t knn_iris_standard_uniform_2_rows[] = {
    0, 5, 15, 25, 35, 45, 55, 65, 75, 85, 95, 105, 115, 125, 135, 145,
};
static const double knn_iris_standard_uniform_2_expected[] = {
    1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0,
    0.0, 0.0, 1.0, 0.0, 0.0, 0.8, 0.2, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0,
    0.0, 1.0,
};
static const int64_t knn_iris_standard_distance_2_rows[] = {
    0, 5, 15, 25, 35, 45, 55, 65, 75, 85, 95, 105, 115, 125, 135, 145,
};
static const double knn_iris_standard_distance_2_expected[] = {
    1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0,
    0.0, 0.0, 1.0, 0.0, 0.0, 0.656622205922266, 0.343377794077734, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0,
    0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0,
};
static const int64_t knn_iris_standard_distance_1_rows[] = {
    0, 5, 15, 25, 35, 45, 55, 65, 75, 85, 95, 105, 115, 125, 135, 145,
};
static const double knn_iris_standard_distance_1_expected[] = {
    1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0,
    0.0, 0.0, 1.0, 0.0, 0.0, 0.8392025322011173, 0.16079746779888265, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0,
    0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0,
};
static const int64_t knn_wine_none_uniform_2_rows[] = {
    0, 10, 20, 35, 45, 55, 70, 80, 90, 105, 115, 125, 140, 150, 160, 175,
};
static const double knn_wine_none_uniform_2_expected[] = {
    1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.4, 0.4, 0.2, 0.6, 0.2, 0.2, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.4, 0.2, 0.4, 0.0, 1.0,
    0.0, 0.0, 0.6, 0.4, 0.0, 1.0, 0.0, 0.0, 0.8, 0.2, 0.0, 1.0, 0.0, 0.0, 0.2, 0.8, 0.0, 0.4, 0.6, 0.0, 0.6, 0.4, 0.6,
    0.0, 0.4,
};
static const int64_t knn_wine_none_distance_2_rows[] = {
    0, 10, 20, 35, 45, 55, 70, 80, 90, 105, 115, 125, 140, 150, 160, 175,
};
static const double knn_wine_none_distance_2_expected[] = {
    1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.3846219845160291, 0.2679071234317968, 0.3474708920521741, 0.7887291924551378,
    0.1151168272029421, 0.09615398034191998, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.5287068299083533, 0.1550562116442436,
    0.3162369584474032, 0.0, 1.0, 0.0, 0.0, 0.6938588640691725, 0.3061411359308274, 0.0, 1.0, 0.0, 0.0,
    0.8831119746159979, 0.11688802538400214, 0.0, 1.0, 0.0, 0.0, 0.2905852497486793, 0.7094147502513207, 0.0,
    0.49021543502462533, 0.5097845649753747, 0.0, 0.7129643573356631, 0.2870356426643368, 0.37688980620689, 0.0,
    0.6231101937931101,
};
static const int64_t knn_wine_none_distance_1_rows[] = {
    0, 10, 20, 35, 45, 55, 70, 80, 90, 105, 115, 125, 140, 150, 160, 175,
};
static const double knn_wine_none_distance_1_expected[] = {
    1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.5041496476340466, 0.322998941211514, 0.17285141115443947, 0.7203524901999782,
    0.1653884951410463, 0.11425901465897555, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.393822989722051, 0.2409078858120585,
    0.36526912446589044, 0.0, 1.0, 0.0, 0.0, 0.8020141121478825, 0.1979858878521175, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0,
    0.0, 1.0, 0.0, 0.0, 0.21416378119451424, 0.7858362188054857, 0.0, 0.46204217619956267, 0.5379578238004374, 0.0,
    0.6184608166939387, 0.38153918330606124, 0.2996687484375064, 0.0, 0.7003312515624937,
};
static const int64_t knn_wine_standard_uniform_2_rows[] = {
    0, 10, 20, 35, 45, 55, 70, 80, 90, 105, 115, 125, 140, 150, 160, 175,
};
static const double knn_wine_standard_uniform_2_expected[] = {
    1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.8, 0.2, 0.0, 1.0,
    0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0,
    0.0, 1.0,
};
static const int64_t knn_wine_standard_distance_2_rows[] = {
    0, 10, 20, 35, 45, 55, 70, 80, 90, 105, 115, 125, 140, 150, 160, 175,
};
static const double knn_wine_standard_distance_2_expected[] = {
    1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.7216363965226762,
    0.2783636034773237, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0,
    0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0,
};
static const int64_t knn_wine_standard_distance_1_rows[] = {
    0, 10, 20, 35, 45, 55, 70, 80, 90, 105, 115, 125, 140, 150, 160, 175,
};
static const double knn_wine_standard_distance_1_expected[] = {
    1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.617250953269965,
    0.38274904673003496, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0,
    0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0,
};
static const int64_t knn_breast_cancer_none_uniform_2_rows[] = {
    0, 35, 75, 110, 150, 185, 225, 260, 300, 335, 375, 410, 450, 485, 525, 565,
};
static const double knn_breast_cancer_none_uniform_2_expected[] = {
    1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.4, 0.6, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.6, 0.4, 0.0,
    1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0,
};
static const int64_t knn_breast_cancer_none_distance_2_rows[] = {
    0, 35, 75, 110, 150, 185, 225, 260, 300, 335, 375, 410, 450, 485, 525, 565,
};
static const double knn_breast_cancer_none_distance_2_expected[] = {
    1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.24525080128023025, 0.7547491987197698, 1.0, 0.0,
    1.0, 0.0, 1.0, 0.0, 0.5910607027227441, 0.4089392972772559, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0,
};
static const int64_t knn_breast_cancer_none_distance_1_rows[] = {
    0, 35, 75, 110, 150, 185, 225, 260, 300, 335, 375, 410, 450, 485, 525, 565,
};
static const double knn_breast_cancer_none_distance_1_expected[] = {
    1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0,
    0.264585244814534, 0.735414755185466, 0.14526867705827984, 0.85473132294172, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0,
    0.0,
};
static const int64_t knn_breast_cancer_standard_uniform_2_rows[] = {
    0, 35, 75, 110, 150, 185, 225, 260, 300, 335, 375, 410, 450, 485, 525, 565,
};
static const double knn_breast_cancer_standard_uniform_2_expected[] = {
    1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0,
    1.0, 0.0, 1.0, 0.2, 0.8, 0.0, 1.0, 1.0, 0.0,
};
static const int64_t knn_breast_cancer_standard_distance_2_rows[] = {
    0, 35, 75, 110, 150, 185, 225, 260, 300, 335, 375, 410, 450, 485, 525, 565,
};
static const double knn_breast_cancer_standard_distance_2_expected[] = {
    1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0,
    1.0, 0.0, 1.0, 0.14443344608128536, 0.8555665539187146, 0.0, 1.0, 1.0, 0.0,
};
static const int64_t knn_breast_cancer_standard_distance_1_rows[] = {
    0, 35, 75, 110, 150, 185, 225, 260, 300, 335, 375, 410, 450, 485, 525, 565,
};
static const double knn_breast_cancer_standard_distance_1_expected[] = {
    1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0,
    1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0,
};
static const int64_t knn_digits_none_uniform_2_rows[] = {
    0, 120, 240, 365, 485, 600, 725, 840, 965, 1080, 1200, 1315, 1435, 1550, 1670, 1795,
};
static const double knn_digits_none_uniform_2_expected[] = {
    1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.8,
};
static const int64_t knn_digits_none_distance_2_rows[] = {
    0, 115, 230, 345, 465, 585, 705, 825, 970, 1085, 1205, 1320, 1440, 1555, 1670, 1795,
};
static const double knn_digits_none_distance_2_expected[] = {
    1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.8822008343642055, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.11779916563579443, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0,
    0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.7512660521821202,
    0.0, 0.0, 0.0, 0.24873394781787983, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.13591520890604777, 0.8640847910939523,
};
static const int64_t knn_digits_none_distance_1_rows[] = {
    0, 125, 230, 345, 465, 580, 685, 800, 915, 1030, 1145, 1280, 1420, 1530, 1665, 1795,
};
static const double knn_digits_none_distance_1_expected[] = {
    1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.39128624726308237, 0.0, 0.0, 0.0, 0.0,
    0.2004411910569967, 0.4082725616799209, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1981613659691008, 0.0, 0.0, 0.0, 0.0, 0.8018386340308992, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.1686720140656197, 0.0, 0.8313279859343803, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0,
};
static const int64_t knn_digits_standard_uniform_2_rows[] = {
    0, 115, 235, 355, 475, 595, 715, 835, 955, 1075, 1195, 1315, 1435, 1555, 1675, 1795,
};
static const double knn_digits_standard_uniform_2_expected[] = {
    1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.8, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.0, 0.0, 0.0, 0.0, 0.6, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.8,
};
static const int64_t knn_digits_standard_distance_2_rows[] = {
    0, 115, 235, 355, 475, 595, 715, 835, 955, 1075, 1195, 1315, 1435, 1555, 1675, 1795,
};
static const double knn_digits_standard_distance_2_expected[] = {
    1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.7535385608754793, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.24646143912452068, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.8636876305922929, 0.1363123694077072, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.41326561567592457, 0.0, 0.0, 0.0, 0.0, 0.4477990607350194, 0.13893532358905605, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.1388190395357218, 0.8611809604642782,
};
static const int64_t knn_digits_standard_distance_1_rows[] = {
    0, 115, 235, 355, 475, 595, 715, 835, 955, 1075, 1195, 1315, 1435, 1555, 1675, 1795,
};
static const double knn_digits_standard_distance_1_expected[] = {
    1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.5703426068661075, 0.0, 0.0, 0.0, 0.0, 0.4296573931338926, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 1.0,
};
static const int64_t knn_diabetes_none_uniform_2_rows[] = {
    0, 25, 55, 85, 115, 145, 175, 205, 230, 260, 290, 320, 350, 380, 410, 440,
};
static const double knn_diabetes_none_uniform_2_expected[] = {
    186.8, 106.2, 83.2, 92.2, 171.4, 187.2, 82.6, 236.6, 173.0, 81.8, 257.8, 150.4, 275.2, 157.8, 174.2, 173.2,
};
static const int64_t knn_diabetes_none_distance_2_rows[] = {
    0, 25, 55, 85, 115, 145, 175, 205, 230, 260, 290, 320, 350, 380, 410, 440,
};
static const double knn_diabetes_none_distance_2_expected[] = {
    208.10918404549253, 126.82126247498115, 95.66026406203294, 113.2230652653962, 169.95470008766904,
    194.78701894666114, 107.92504721777608, 224.46129803343968, 174.56770042831502, 92.10619446410615,
    249.8672622794337, 171.19669097439257, 257.5378130668879, 158.05611967240756, 187.81653799301512,
    171.72770510909402,
};
static const int64_t knn_diabetes_none_distance_1_rows[] = {
    0, 25, 55, 85, 115, 145, 175, 205, 230, 260, 290, 320, 350, 380, 410, 440,
};
static const double knn_diabetes_none_distance_1_expected[] = {
    183.87582071906075, 126.48643487967722, 101.83236590963985, 118.9429042307023, 173.07532345538456,
    156.23412859120916, 94.96956154520001, 212.5777169603113, 178.33936427897768, 97.4619660917069,
    231.76937029627697, 148.33769452681148, 240.04807492182533, 144.66481338893783, 137.64138106465796,
    144.04307641884526,
};
static const int64_t knn_diabetes_standard_uniform_2_rows[] = {
    0, 25, 55, 85, 115, 145, 175, 205, 230, 260, 290, 320, 350, 380, 410, 440,
};
static const double knn_diabetes_standard_uniform_2_expected[] = {
    186.8, 106.2, 83.2, 92.2, 171.4, 187.2, 92.2, 236.6, 173.0, 81.8, 254.6, 150.4, 275.2, 157.8, 174.2, 173.2,
};
static const int64_t knn_diabetes_standard_distance_2_rows[] = {
    0, 25, 55, 85, 115, 145, 175, 205, 230, 260, 290, 320, 350, 380, 410, 440,
};
static const double knn_diabetes_standard_distance_2_expected[] = {
    208.01104950977648, 127.0576298769467, 95.59657622286674, 113.25128237397574, 170.03985803245254,
    195.044785909711, 107.93276923507155, 224.69482567262605, 174.31096857959682, 92.08081459074857,
    249.75626256993016, 171.21688152698917, 257.86788603194753, 158.6631208632893, 187.8884763244773,
    171.71918822767165,
};
static const int64_t knn_diabetes_standard_distance_1_rows[] = {
    0, 25, 55, 85, 115, 145, 175, 205, 230, 260, 290, 320, 350, 380, 410, 440,
};
static const double knn_diabetes_standard_distance_1_expected[] = {
    183.8786873413405, 126.62464479277031, 101.80774630572793, 118.87066569816328, 173.175558218365,
    156.4234914044867, 94.87464658776747, 212.69129941386143, 178.27109386416603, 97.43805863918014,
    231.7547049046127, 148.3718978069561, 240.26081833510804, 144.7073753517137, 137.65775950724938,
    144.00101871204788,
};

typedef struct frozen_knn {
    const char *name, *parameters;
    int64_t n_queries, n_outputs;
    const int64_t *rows;    /* (n_queries): row numbers in the whole table */
    const double *expected; /* (n_queries, n_outputs) */
} frozen_knn;
static const frozen_knn frozen_knns[] = {
    {"iris", "scale=none weights=uniform n_neighbors=5 p=2", 16, 3,
     knn_iris_none_uniform_2_rows, knn_iris_none_uniform_2_expected},
    {"iris", "scale=none weights=distance n_neighbors=7 p=2", 16, 3,
     knn_iris_none_distance_2_rows, knn_iris_none_distance_2_expected},
    {"iris", "scale=none weights=distance n_neighbors=5 p=1", 15, 3,
     knn_iris_none_distance_1_rows, knn_iris_none_distance_1_expected},
    {"iris", "scale=standard weights=uniform n_neighbors=5 p=2", 16, 3,
     knn_iris_standard_uniform_2_rows, knn_iris_standard_uniform_2_expected},
    {"iris", "scale=standard weights=distance n_neighbors=7 p=2", 16, 3,
     knn_iris_standard_distance_2_rows, knn_iris_standard_distance_2_expected},
    {"iris", "scale=standard weights=distance n_neighbors=5 p=1", 16, 3,
     knn_iris_standard_distance_1_rows, knn_iris_standard_distance_1_expected},
    {"wine", "scale=none weights=uniform n_neighbors=5 p=2", 16, 3,
     knn_wine_none_uniform_2_rows, knn_wine_none_uniform_2_expected},
    {"wine", "scale=none weights=distance n_neighbors=7 p=2", 16, 3,
     knn_wine_none_distance_2_rows, knn_wine_none_distance_2_expected},
    {"wine", "scale=none weights=distance n_neighbors=5 p=1", 16, 3,
     knn_wine_none_distance_1_rows, knn_wine_none_distance_1_expected},
    {"wine", "scale=standard weights=uniform n_neighbors=5 p=2", 16, 3,
     knn_wine_standard_uniform_2_rows, knn_wine_standard_uniform_2_expected},
    {"wine", "scale=standard weights=distance n_neighbors=7 p=2", 16, 3,
     knn_wine_standard_distance_2_rows, knn_wine_standard_distance_2_expected},
    {"wine", "scale=standard weights=distance n_neighbors=5 p=1", 16, 3,
     knn_wine_standard_distance_1_rows, knn_wine_standard_distance_1_expected},
    {"breast_cancer", "scale=none weights=uniform n_neighbors=5 p=2", 16, 2,
     knn_breast_cancer_none_uniform_2_rows, knn_breast_cancer_none_uniform_2_expected},
    {"breast_cancer", "scale=none weights=distance n_neighbors=7 p=2", 16, 2,
     knn_breast_cancer_none_distance_2_rows, knn_breast_cancer_none_distance_2_expected},
    {"breast_cancer", "scale=none weights=distance n_neighbors=5 p=1", 16, 2,
     knn_breast_cancer_none_distance_1_rows, knn_breast_cancer_none_distance_1_expected},
    {"breast_cancer", "scale=standard weights=uniform n_neighbors=5 p=2", 16, 2,
     knn_breast_cancer_standard_uniform_2_rows, knn_breast_cancer_standard_uniform_2_expected},
    {"breast_cancer", "scale=standard weights=distance n_neighbors=7 p=2", 16, 2,
     knn_breast_cancer_standard_distance_2_rows, knn_breast_cancer_standard_distance_2_expected},
    {"breast_cancer", "scale=standard weights=distance n_neighbors=5 p=1", 16, 2,
     knn_breast_cancer_standard_distance_1_rows, knn_breast_cancer_standard_distance_1_expected},
    {"digits", "scale=none weights=uniform n_neighbors=5 p=2", 16, 10,
     knn_digits_none_uniform_2_rows, knn_digits_none_uniform_2_expected},
    {"digits", "scale=none weights=distance n_neighbors=7 p=2", 16, 10,
     knn_digits_none_distance_2_rows, knn_digits_none_distance_2_expected},
    {"digits", "scale=none weights=distance n_neighbors=5 p=1", 16, 10,
     knn_digits_none_distance_1_rows, knn_digits_none_distance_1_expected},
    {"digits", "scale=standard weights=uniform n_neighbors=5 p=2", 16, 10,
     knn_digits_standard_uniform_2_rows, knn_digits_standard_uniform_2_expected},
    {"digits", "scale=standard weights=distance n_neighbors=7 p=2", 16, 10,
     knn_digits_standard_distance_2_rows, knn_digits_standard_distance_2_expected},
    {"digits", "scale=standard weights=distance n_neighbors=5 p=1", 16, 10,
     knn_digits_standard_distance_1_rows, knn_digits_standard_distance_1_expected},
    {"diabetes", "scale=none weights=uniform n_neighbors=5 p=2", 16, 1,
     knn_diabetes_none_uniform_2_rows, knn_diabetes_none_uniform_2_expected},
    {"diabetes", "scale=none weights=distance n_neighbors=7 p=2", 16, 1,
     knn_diabetes_none_distance_2_rows, knn_diabetes_none_distance_2_expected},
    {"diabetes", "scale=none weights=distance n_neighbors=5 p=1", 16, 1,
     knn_diabetes_none_distance_1_rows, knn_diabetes_none_distance_1_expected},
    {"diabetes", "scale=standard weights=uniform n_neighbors=5 p=2", 16, 1,
     knn_diabetes_standard_uniform_2_rows, knn_diabetes_standard_uniform_2_expected},
    {"diabetes", "scale=standard weights=distance n_neighbors=7 p=2", 16, 1,
     knn_diabetes_standard_distance_2_rows, knn_diabetes_standard_distance_2_expected},
    {"diabetes", "scale=standard weights=distance n_neighbors=5 p=1", 16, 1,
     knn_diabetes_standard_distance_1_rows, knn_diabetes_standard_distance_1_expected},
};

#endif
